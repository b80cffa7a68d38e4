// The command line at a terminal: what a person sees there, and what it asks.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { temporaryDirectory } from '../support/folders.ts'
import { registrant } from './run.ts'
import { atTerminal, ctrlC, ctrlD, hasTerminal } from './terminal.ts'
import type { Typed } from './terminal.ts'

const green = '\u{1b}[32m✓\u{1b}[39m'
const red = '\u{1b}[31m✗\u{1b}[39m'

async function openServer(options: Parameters<typeof startScriptedServer>[0] = {}) {
  const server = await startScriptedServer(options, { open: true })
  const folder = await temporaryDirectory()
  const env = {
    REGISTRANT_ISSUER: server.issuer,
    REGISTRANT_APPLICATION: 'orders',
    REGISTRANT_METADATA: '{ "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": [] }',
    REGISTRANT_STORE: 'file:state',
  }
  return {
    server,
    cwd: folder.path,
    type: (args: string[], typed: Typed[] = [], more: Record<string, string> = {}) =>
      atTerminal(args, { cwd: folder.path, env: { ...env, ...more }, typed }),
    pipe: (args: string[]) => registrant(args, { cwd: folder.path, env }),
    async [Symbol.asyncDispose]() {
      await server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

describe.runIf(hasTerminal)('at a terminal', () => {
  test('marks have colours, and none where NO_COLOR is set or the output is no terminal', async () => {
    await using place = await openServer()
    expect((await place.type(['ensure'])).shown).toContain(`${green} orders: registered client `)
    expect((await place.type(['ensure'], [], { NO_COLOR: '1' })).shown).toMatch(/^✓ orders: reused client \S+\n$/)
    expect((await place.pipe(['ensure'])).out).toMatch(/^✓ orders: reused client \S+\n$/)
  })

  test('a line says how long a slow server takes, and is gone when it has answered', async () => {
    await using place = await openServer({ register: async (_, usual) => (await setTimeout(2500), usual()) })
    const { shown } = await place.type(['ensure'])
    expect(shown).toContain('… waiting, for 2 s\r\u{1b}[2K')
    expect(shown.split('\u{1b}[2K').at(-1)).toMatch(/✓.* orders: registered client \S+\n$/)
  })

  test('init asks for what is missing, and before it overwrites a file', async () => {
    await using place = await openServer()
    const config = join(place.cwd, 'registrant.config.json')
    const answers = [
      { after: 'Address of the server: ', keys: `${place.server.issuer}\r` },
      { after: 'Name of the application: ', keys: 'orders\r' },
    ]
    expect(await place.type(['init'], answers)).toMatchObject({ code: 0, shown: expect.stringContaining(green) })
    expect(JSON.parse(await readFile(config, 'utf8'))).toMatchObject({
      issuer: place.server.issuer,
      application: 'orders',
    })
    await writeFile(config, '{}')
    const typed = [{ after: 'registrant.config.json will be overwritten. Go on? [y/N] ', keys: '\r' }]
    const no = await place.type(['init', place.server.issuer, '--application', 'orders'], typed)
    expect(no).toMatchObject({ code: 2, shown: expect.stringContaining('Nothing was done.') })
    expect(await readFile(config, 'utf8')).toBe('{}')
  })

  test('what destroys is done where the answer is yes, and not where somebody leaves', async () => {
    await using place = await openServer()
    await place.pipe(['ensure'])
    const answered = (keys: string) => place.type(['delete'], [{ after: 'for good. Go on? [y/N] ', keys }])
    for (const [keys, code] of [
      ['n\r', 2],
      [ctrlD, 2],
      [ctrlC, 130],
    ] as const) {
      expect(await answered(keys)).toMatchObject({
        code,
        shown: expect.stringContaining(`${red} Nothing was done.\n`),
      })
      expect(place.server.clients()).toBe(1)
    }
    expect((await answered('yes\r')).code).toBe(0)
    expect(place.server.clients()).toBe(0)
  })

  test('what recover needs is asked for, and --yes where nobody can be asked any more', async () => {
    await using place = await openServer()
    const typed = [{ after: 'Paste it here', keys: `{ "client_id": "one" }\r${ctrlD}` }]
    expect(await place.type(['recover'], typed)).toMatchObject({ code: 0 })
    const other = [{ after: 'Paste it here', keys: `{ "client_id": "two" }\r${ctrlD}` }]
    const ended = await place.type(['recover'], other)
    expect(ended.shown).toContain('two will take the place of one. Nobody is here to confirm that: add --yes.')
    expect(ended.code).toBe(2)
  })
})
