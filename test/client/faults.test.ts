import { clientCredentials, RegistrationClient, RegistrationError } from '@registrant/node'
import type { AuthorizationServer, RegistrationEvent, RegistrationResponse } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { afterAll, describe, expect, test, vi } from 'vitest'

import { documentedThrows } from '../support/documented.ts'
import { dump, keepIn } from '../support/dump.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { connectionFaults } from '../support/faults/connection.ts'
import { contentFaults } from '../support/faults/content.ts'
import type { KnownFault } from '../support/faults/effect.ts'
import { framingFaults } from '../support/faults/framing.ts'
import { makes, otherFetch } from '../support/other-fetch.ts'
import { stopwatch } from '../support/stopwatch.ts'

const endpoints = ['discovery', 'token', 'register', 'read', 'update', 'delete'] as const
type Endpoint = (typeof endpoints)[number]
type Method = Exclude<Endpoint, 'token' | 'discovery'> | 'discover'

const methodOf = (endpoint: Endpoint): Method =>
  endpoint === 'discovery' ? 'discover' : endpoint === 'token' ? 'register' : endpoint

const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'Bücher & Käse' }

/** What a fault at an endpoint must come to: the class of the error and what is known of the server. */
function expected({ effect, slow, patience }: KnownFault, endpoint: Endpoint): Partial<RegistrationError> | 'success' {
  const atStake = endpoint !== 'discovery' && endpoint !== 'token'
  const inDoubt = atStake ? 'unknown' : 'not-sent'
  if (effect === 'none') return 'success'
  if (effect === 'unsent') return { name: 'TransportError', outcome: 'not-sent' }
  if (effect === 'lost') return { name: 'TransportError', outcome: inDoubt }
  if (effect === 'unsent-or-lost') return { name: 'TransportError' }
  if (effect === 'redirect') return { name: 'PolicyError', outcome: inDoubt }
  if (typeof effect === 'number') {
    if (endpoint === 'discovery' && patience === true) return { name: 'ServerRefusedError', outcome: 'not-sent' }
    if (endpoint === 'discovery')
      return { name: effect === 429 || effect >= 500 ? 'TransportError' : 'NotSupportedError', outcome: 'not-sent' }
    return { name: 'ServerRefusedError', outcome: effect < 500 ? 'refused' : inDoubt }
  }
  // The status says that the client is gone, whatever comes behind it; but for what is told instead of a success.
  if (endpoint === 'delete' && effect !== 'page' && effect !== 'error') return 'success'
  if (endpoint === 'discovery')
    return { name: effect === 'cut-off' ? 'TransportError' : 'NotSupportedError', outcome: 'not-sent' }
  // Who waits for a token that others may wait for too leaves at the deadline, whatever has come of it.
  if (endpoint === 'token' && slow === true) return { name: 'TransportError', outcome: 'not-sent' }
  const shows = effect === 'page' ? 'unknown' : effect === 'error' ? 'refused' : 'accepted'
  return { name: 'UnexpectedAnswerError', outcome: atStake ? shows : 'not-sent' }
}

async function act(client: RegistrationClient, endpoint: Endpoint, current: RegistrationResponse): Promise<unknown> {
  if (endpoint === 'discovery') return client.discover()
  if (endpoint === 'read') return client.read(current)
  if (endpoint === 'update') return client.update(current, { client_name: 'Other' })
  if (endpoint === 'delete') return client.delete(current)
  return client.register(metadata)
}

/** What was learnt from one call that met one fault. */
interface Cell {
  result: unknown
  /** Milliseconds beyond the deadline. */
  overrun: number
  connections: number
  acted: number
  shown: string
  secrets: string[]
}

async function meet(fault: KnownFault, endpoint: Endpoint, fetch?: typeof globalThis.fetch): Promise<Cell> {
  await using server: ScriptedServer = await startScriptedServer({}, { open: endpoint !== 'token' })
  await using proxy = await startFaultProxy(server)
  const calm = new RegistrationClient({ issuer: proxy.url })
  const metadataOfServer: AuthorizationServer = await calm.discover()
  const manages = endpoint === 'read' || endpoint === 'update' || endpoint === 'delete'
  const current = manages ? await calm.register(metadata) : { client_id: 'none yet' }

  const timeout = fault.slow === true ? 1000 : 60_000
  const events: RegistrationEvent[] = []
  const client = new RegistrationClient({
    ...(endpoint === 'discovery' ? { issuer: proxy.url } : { server: metadataOfServer }),
    ...(endpoint === 'token' && { accessToken: clientCredentials(server.registrar) }),
    timeout,
    fetch,
    onEvent: keepIn(events),
  })
  await proxy.arm(fault)
  using watch = stopwatch()
  const result = await act(client, endpoint, current).catch((error: unknown) => error)
  return {
    result,
    overrun: watch.ms - timeout,
    connections: proxy.connections,
    acted: server.requestsTo(endpoint).length,
    shown: result instanceof Error ? dump(result) + dump(events) : dump(events),
    secrets: [...server.secrets(), server.registrar.clientSecret],
  }
}

// Most of the time is waiting.
vi.setConfig({ maxConcurrency: 16 })

let cells = 0
afterAll(() => {
  console.log(`fault table: ${cells} cells`)
  expect(cells).toBeGreaterThanOrEqual(700)
})

async function meetAt(places: readonly Endpoint[], fault: KnownFault, fetch?: typeof globalThis.fetch): Promise<void> {
  const met = await Promise.all(places.map(async (endpoint) => [endpoint, await meet(fault, endpoint, fetch)] as const))
  for (const [endpoint, cell] of met) {
    cells++
    judge(fault, endpoint, cell)
  }
}

function judge(
  fault: KnownFault,
  endpoint: Endpoint,
  { result, overrun, connections, acted, shown, secrets }: Cell,
): void {
  const where = `${fault.name}, at ${endpoint}`
  const right = expected(fault, endpoint)
  if (right === 'success') expect(result instanceof Error ? dump(result) : 'success', where).toBe('success')
  else expect(result, where).toMatchObject(right)
  expect(overrun, where).toBeLessThan(1500)

  // Only discovery may ask again.
  const most = endpoint === 'token' && right === 'success' ? 2 : 1
  if (endpoint !== 'discovery') expect(connections, where).toBeLessThanOrEqual(most)
  if (right === 'success') return

  expect(result, where).toBeInstanceOf(RegistrationError)
  if (!(result instanceof RegistrationError)) return
  const atStake = endpoint !== 'discovery' && endpoint !== 'token'
  if (result.outcome === 'not-sent' && atStake) expect(acted, where).toBe(0)
  if (result.outcome === 'accepted') expect(acted, where).toBe(1)

  const documented = documentedThrows(methodOf(endpoint)).get(result.name)
  expect(documented, `${where}: ${result.name} is documented`).toBeDefined()
  const detail = 'rule' in result ? result.rule : result.name === 'NotSupportedError' ? result.code : result.outcome
  if (result.name !== 'ServerRefusedError') expect([...(documented ?? [])], where).toContain(detail)
  for (const secret of secrets) expect(shown.includes(secret), `${where} shows a secret`).toBe(false)
}

const groups = [
  ['the connection', connectionFaults],
  ['the frame of the answer', framingFaults],
  ['the answer', contentFaults],
] as const
const readByAll = new Set<KnownFault['effect']>(['none', 'cut-off', 'unreadable', 'page', 'error', 400, 401, 503])
const named = (faults: readonly KnownFault[], slow: boolean): [string, KnownFault][] =>
  faults.filter((fault) => (fault.slow === true) === slow).map((fault) => [fault.name, fault])

// These measure time, so nothing else runs beside them.
describe.each(groups.slice(0, 1))('what goes wrong with %s, until the deadline', (_, faults) => {
  test.for(named(faults, true))('%s', async ([, fault]) => meetAt(endpoints, fault))
})

describe.concurrent.each(groups)('what goes wrong with %s', (_, faults) => {
  test.concurrent.for(named(faults, false))('%s', async ([, fault]) => meetAt(endpoints, fault))
})

// Node's own fetch takes a stream that ends early for a short one, and these read an answer to its end, however long it is.
const isAlike = ({ name, effect }: KnownFault): boolean => readByAll.has(effect) && name !== 'compressed, and cut off'
// What they do with a connection is their own affair; what came over it is read like anybody's.
const withBody = groups.flatMap(([, faults]) => named(faults, false).filter(([, fault]) => isAlike(fault)))

// What an endpoint makes of it is told above; here it is whether the body is read: where it may be asked again, and where not.
describe.concurrent.each(makes)('what goes wrong with an answer without a web stream (%s)', (make) => {
  test.concurrent.for(withBody)('%s', async ([, fault]) => meetAt(['discovery', 'register'], fault, otherFetch(make)))
})

test('no prototype was changed by any of it', () => {
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})
