#!/usr/bin/env node
// Searches what a run showed for every secret that its servers issued: `node packages/tools/check/canaries.mjs SECRETS SHOWN`, two
// folders. The first holds a secret on each line, the second output, events and dumps of errors. It fails if either is empty.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const beginning = 12

/** The size of a table by a hash of four bytes, which says whether a secret begins with them; `next` adds a byte to the hash. */
const size = 2 ** 20
const next = (last, byte) => ((last << 5) ^ byte) & (size - 1)

/**
 * Where each secret is shown, as it is or as a URL spells it: places, never the secret itself. Texts are bytes: a run shows
 * more than fits into a string.
 */
function hits(secrets, texts) {
  const byBeginning = new Map()
  const mayBegin = new Uint8Array(size)
  for (const secret of new Set([...secrets].flatMap((each) => [each, encodeURIComponent(each)]))) {
    const bytes = Buffer.from(secret)
    const start = bytes.toString('latin1', 0, beginning)
    byBeginning.set(start, [...(byBeginning.get(start) ?? []), bytes])
    mayBegin[bytes.subarray(0, 4).reduce(next, 0)] = 1
  }
  const found = []
  for (const [name, text] of texts) {
    let last = 0
    for (let end = 0; end < text.length; end++) {
      last = next(last, text[end])
      if (mayBegin[last] === 0) continue
      const at = end - 3
      const candidates = byBeginning.get(text.toString('latin1', at, at + beginning))
      if (candidates?.some((secret) => text.subarray(at, at + secret.length).equals(secret)))
        found.push(`${name}, line ${text.subarray(0, at).filter((byte) => byte === newline).length + 1}`)
    }
  }
  return found
}

const newline = 10

const filesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]) : []

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , secretsFolder = '', shownFolder = ''] = process.argv
  const secrets = filesIn(secretsFolder).flatMap(([, lines]) => String(lines).split('\n').filter(Boolean))
  const texts = filesIn(shownFolder)
  const shown = texts.reduce((sum, [, text]) => sum + text.length, 0)
  const found = hits(secrets, texts)
  console.log(`${secrets.length} secrets were issued, ${(shown / 1e6).toFixed(1)} MB were shown: ${found.length} hits`)
  for (const place of new Set(found)) console.log(`a secret in ${place}`)
  if (found.length > 0 || secrets.length === 0 || shown === 0) process.exitCode = 1
}
