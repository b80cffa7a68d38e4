import { InvalidRequestError, memoryStore, RegistrationManager } from '@registrant/node'
import type { ManagerOptions, RegistrationEvent } from '@registrant/node'
import { logEvents } from '@registrant/node/log'
import type { Logger } from '@registrant/node/log'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test, vi } from 'vitest'

import { failure } from '../support/failure.ts'

/** A logger that keeps what it is told: `info line`, one each. */
function listen(): Logger & { lines: string[] } {
  const lines: string[] = []
  const at = (level: string) => (line: unknown) => void lines.push(`${level} ${String(line)}`)
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

const grant = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'client_secret_basic',
}

const orders = (issuer: string, options: Partial<Pick<ManagerOptions, 'metadata' | 'store' | 'onEvent'>> = {}) =>
  new RegistrationManager({
    issuer,
    application: 'orders',
    metadata: grant,
    store: memoryStore(),
    ...options,
  })

const event = (said: RegistrationEvent): RegistrationEvent => ({ ...said, application: 'orders' })

describe('logEvents', () => {
  test('writes one line for each change of the registration, and one for a start that finds it in order', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const log = listen()
    const store = memoryStore()
    const { client_id } = await orders(server.issuer, { store, onEvent: logEvents(log) }).ensure()
    expect(log.lines).toEqual([`info registrant orders: registered client ${client_id}`])
    await orders(server.issuer, { store, onEvent: logEvents(log) }).ensure()
    expect(log.lines.slice(1)).toEqual([`info registrant orders: reused client ${client_id}`])
    const metadata = { ...grant, client_name: 'Orders' }
    await orders(server.issuer, { store, metadata, onEvent: logEvents(log) }).ensure()
    expect(log.lines.slice(2)).toEqual([
      `info registrant orders: client ${client_id} was brought into the declared form`,
    ])
    for (const secret of server.secrets()) expect(log.lines.join('\n')).not.toContain(secret)
  })

  test('says once, and not at each start, that a client is not what is declared', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const log = listen()
    const store = memoryStore()
    const onEvent = logEvents(log)
    await orders(server.issuer, { store, onEvent }).ensure()
    server.script({ update: { status: 503 }, read: { status: 503 } })
    const metadata = { ...grant, client_name: 'Orders' }
    for (let start = 0; start < 3; start++) await orders(server.issuer, { store, metadata, onEvent }).ensure()
    const drift = log.lines.filter((line) => line.includes('is not what is declared'))
    expect(drift.length).toBeGreaterThanOrEqual(1)
    expect(new Set(drift).size).toBe(drift.length)
    expect(drift[0]).toMatch(/^warn registrant orders: client \S+ is not what is declared: .+ \(\w[\w-]*\)$/)
  })

  test('writes an error with the next thing to do where the store failed', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const log = listen()
    const onEvent = logEvents(log)
    const broken = { ...memoryStore(), load: () => Promise.reject(new Error('the disk is gone')) }
    await failure(orders(server.issuer, { store: broken, onEvent }).ensure())
    expect(log.lines).toContainEqual(
      'error registrant orders: the store failed (store-unavailable): nothing is registered or changed until it answers',
    )
  })

  test('tells of every outage and of every denial, and of one that goes on every five minutes', () => {
    const minute = 60_000
    for (const said of [
      { type: 'store', code: 'store-unavailable' },
      { type: 'suspect', client_id: 'a' },
    ] as const) {
      const log = listen()
      const onEvent = logEvents(log)
      const toldAt = (at: number): number => {
        onEvent(event({ ...said, at }))
        return log.lines.length
      }
      expect([0, 1, 4].map((minutes) => toldAt(minutes * minute))).toEqual([1, 1, 1])
      expect([5, 6, 9].map((minutes) => toldAt(minutes * minute))).toEqual([2, 2, 2])
      expect(toldAt(10 * 60 * minute)).toBe(3)
      // A clock that was set back.
      expect([0, 1].map((minutes) => toldAt(minutes * minute))).toEqual([4, 4])
    }
  })

  test('is silent about what stays as it is also after many other lines', () => {
    const log = listen()
    const onEvent = logEvents(log)
    for (let id = 0; id < 300; id++) onEvent(event({ type: 'suspect', client_id: `client-${id}`, at: id }))
    const before = log.lines.length
    for (let at = 300; at < 310; at++) onEvent(event({ type: 'suspect', client_id: 'late', at }))
    expect(log.lines.length).toBe(before + 1)
  })

  test('tells requests at debug where there is such a method, and hands over the event first where that is asked for', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const told: unknown[][] = []
    const at =
      (level: string) =>
      (...line: unknown[]) =>
        void told.push([level, ...line])
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
    await orders(server.issuer, { onEvent: logEvents(logger, { fields: true }) }).ensure()
    expect(told.find(([level]) => level === 'info')).toMatchObject([
      'info',
      { type: 'registered', application: 'orders' },
      expect.stringMatching(/^registrant orders: registered client /),
    ])
    expect(told.filter(([level]) => level === 'debug').map(([, , line]) => line)).toContainEqual(
      expect.stringMatching(/: POST http:\S+\/register was answered 201 after \d+ ms$/),
    )
  })

  test('tells of a request without an answer why there was none, and whether the server may have acted', async () => {
    await using server = await startScriptedServer({ register: { lost: 'after' } }, { open: true })
    const lines: string[] = []
    const debug = (line: unknown) => void lines.push(String(line))
    await failure(orders(server.issuer, { onEvent: logEvents({ ...listen(), debug }) }).ensure())
    await failure(orders('http://127.0.0.1:1', { onEvent: logEvents({ ...listen(), debug }) }).ensure())
    expect(lines).toContainEqual(
      expect.stringMatching(/: POST \S+ got no answer after \d+ ms \(transport\): the server may have acted$/),
    )
    expect(lines).toContainEqual(
      expect.stringMatching(/: GET \S+ got no answer after \d+ ms \(transport\): nothing was done$/),
    )
  })

  test.for<[string, RegistrationEvent, string]>([
    ['info', { at: 0, type: 'replaced', old: 'a', client_id: 'b' }, 'client b replaces a'],
    [
      'info',
      { at: 0, type: 'chosen', route: 'dynamic', reason: 'It registers.' },
      'one that is registered: It registers.',
    ],
    [
      'info',
      { at: 0, type: 'chosen', route: 'pre-registered', reason: 'By hand.', client_id: 'a' },
      'registered by hand (a): By hand.',
    ],
    [
      'info',
      { at: 0, type: 'reused', client_id: 'a', secretExpiresAt: 1_800_000_000_000 },
      'reused client a; its secret ends 2027-01-15T08:00:00Z',
    ],
    ['info', { at: 0, type: 'waiting', owner: 'web-1', ms: 5004 }, 'waiting for web-1, which is at it, for 5 s'],
    ['warn', { at: 0, type: 'suspect', client_id: 'a' }, 'the server denied client a'],
    ['warn', { at: 0, type: 'unmanageable', client_id: 'a' }, 'recover() with a token'],
    ['error', { at: 0, type: 'renewal-failed', client_id: 'a', reason: 'x', message: 'No.' }, 'could not be renewed'],
    [
      'error',
      { at: 0, type: 'store', code: 'store-denied' },
      'the error says what to set right: permissions, rights, or the sealing key',
    ],
    ['warn', { at: 0, type: 'warning', rule: 'http', message: 'Plain http.' }, 'Plain http. (http)'],
  ])('%s: %o', ([level, said, sentence]) => {
    const log = listen()
    logEvents(log)(event(said))
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatch(new RegExp(`^${level} registrant orders: `))
    expect(log.lines[0]).toContain(sentence)
  })
})

test('a logger whose methods return promises may fail, and ends no process', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const unhandled = vi.fn<(error: unknown) => void>()
  process.on('unhandledRejection', unhandled)
  const down = (): void => Object(Promise.reject(new Error('the log server is down')))
  const log = { info: down, warn: down, error: down, debug: down }
  await orders(server.issuer, { onEvent: logEvents(log) }).ensure()
  await orders(server.issuer, { onEvent: logEvents(log, { fields: true }) }).ensure()
  await new Promise(setImmediate)
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

test('what is no logger is refused, and not written to in silence', () => {
  for (const wrong of [undefined, null, {}, { info: () => undefined }]) {
    expect(() => Reflect.apply(logEvents, undefined, [wrong])).toThrow(InvalidRequestError)
    expect(() => Reflect.apply(logEvents, undefined, [wrong])).toThrow('info, warn and error')
  }
})
