#!/usr/bin/env node
// Searches what a run showed for every secret that its servers issued: `node packages/tools/check/canaries.mjs SECRETS SHOWN`, two
// folders. A secret a line in the one; output, events and dumps of errors in the other. That either is empty is a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const beginning = 12

/** Where each secret is shown, as it is or as a URL spells it: places, never the secret itself. */
export function hits(secrets, texts) {
  const byBeginning = new Map()
  for (const secret of new Set([...secrets].flatMap((each) => [each, encodeURIComponent(each)]))) {
    const start = secret.slice(0, beginning)
    byBeginning.set(start, [...(byBeginning.get(start) ?? []), secret])
  }
  const found = []
  for (const [name, text] of texts) {
    for (let at = 0; at + beginning <= text.length; at++) {
      const candidates = byBeginning.get(text.slice(at, at + beginning))
      if (candidates?.some((secret) => text.startsWith(secret, at)))
        found.push(`${name}, line ${text.slice(0, at).split('\n').length}`)
    }
  }
  return found
}

const filesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]) : []

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , secretsFolder = '', shownFolder = ''] = process.argv
  const secrets = filesIn(secretsFolder).flatMap(([, lines]) => lines.split('\n').filter(Boolean))
  const texts = filesIn(shownFolder)
  const size = texts.reduce((sum, [, text]) => sum + text.length, 0)
  const found = hits(secrets, texts)
  console.log(`${secrets.length} secrets were issued, ${(size / 1e6).toFixed(1)} MB were shown: ${found.length} hits`)
  for (const place of new Set(found)) console.log(`a secret in ${place}`)
  if (found.length > 0 || secrets.length === 0 || size === 0) process.exitCode = 1
}
