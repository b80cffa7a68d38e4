// What an invariant lets pass, each with the case beside it that it must still catch.
import { describe, expect, test } from 'vitest'

import { broken } from './invariants.ts'
import { hour, minute, second } from './plan.ts'
import { epoch } from './process.ts'
import type { SentRequest } from './history.ts'
import type { Client } from './server.ts'
import { Written } from './written.ts'

interface Exception {
  passes: (world: Written) => void
  isCaught: (world: Written) => void
}

const client = (world: Written): Client => world.history.server.clients[0] ?? expect.fail('there is no client')

/** A client that stands in the record, and another one that nobody knows of. */
function twoClients(world: Written, record: object = {}): void {
  world.save(1, { registration: world.register(0), ...record })
  world.register(minute)
}

/** A request without need, long after a call whose process came to a stop some time after it. */
function needlessAfter(world: Written, what: 'process sleeps' | 'process pauses', ms: number): void {
  needless(world)
  world.call({ at: minute, endedAt: 2 * minute })
  world.befall(what, { at: 2 * minute + ms, process: world.process })
}

/** A POST that was announced, and whose answer nobody heard. */
function lostAnswer(world: Written, listed: object[], given: { isAnnounced?: boolean } = {}): void {
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p1', sent: true, started: epoch }
  if (given.isAnnounced !== false) world.save(1, { intent })
  const announced = JSON.stringify({ schema: 1, intent })
  world.register(2)
  Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: true, stored: announced })
  world.save(3, { orphans: listed })
}

/** Somebody saves another client, and deletes the one before, which the record names again: the store has gone back at some time. */
function deletesAfterLoss(world: Written, lostAt: number): void {
  const [before, used] = [world.register(0), world.register(0)]
  if (lostAt < 1) world.lose(lostAt)
  world.save(1, { registration: used })
  if (lostAt > 1) world.lose(lostAt)
  world.save(3, { registration: before }, { process: world.start('p2', 3) })
  world.request({ at: 4, method: 'DELETE', client_id: 'client-1' })
}

/** Older credentials are handed out than were saved, and the store forks at some time. */
function olderThanKnown(world: Written, at: number): void {
  const old = world.register(0)
  world.history.server.makeSecret(client(world), 5)
  world.save(6, { registration: { ...old, client_secret: client(world).secrets.at(-1)?.value } })
  world.call({ at: 7, value: old })
  world.befall('store forks', { at })
}

/** A registration was answered, and its maker died after another save, of which it had heard or not. */
function diedAfterSave(world: Written, acknowledgedAt: number | undefined): void {
  lostAnswer(world, [{ intent: 'i-1' }])
  const maker = world.start('p2', 0, { isDead: true })
  Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: false, process: maker, answeredAt: 2 })
  for (const it of world.history.store.operations) it.process = maker
  Object.assign(world.history.store.operations.at(-1) ?? {}, { acknowledgedAt })
}

/** Whoever made a client puts back what the store has lost, with the announcement or its leftover, and dies. */
function diedAfterPuttingBack(world: Written, lease: number): void {
  diedAfterSave(world, undefined)
  const { process } = world.history.requests.at(-1) ?? expect.fail('there is no request')
  const intent = { id: 'i-1', operation: 'register', lease, owner: 'p2', sent: true, started: epoch }
  world.save(4, { intent }, { process })
  world.save(5, { orphans: [{ intent: 'i-1' }] })
}

/** A registration was answered so long before the world ends, and the record still announces it. */
function madeAtTheEnd(world: Written, before: number): void {
  const at = world.history.endedAt - before
  world.save(at - 1, {
    intent: { id: 'i-1', operation: 'register', lease: 1000, owner: 'p1', sent: true, started: epoch },
  })
  world.register(at)
}

/** The same, when somebody else had announced its own meanwhile; one of the two is listed. */
function lostBesideAnother(world: Written, listed: 'i-1' | 'i-2'): void {
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p1', sent: true, started: epoch }
  world.save(1, { intent })
  world.save(2, { intent: { ...intent, id: 'i-2', owner: 'p2' } }, { process: world.start('p2', 0) })
  // What others announce is left standing by whoever saves for another reason.
  world.save(3, { intent: { ...intent, id: 'i-2', owner: 'p2' } })
  world.register(4)
  Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: true })
  world.save(5, { orphans: [{ intent: listed }] })
}

/** A POST is announced, and then the store loses that; its sender dies or does not, and the server gets it later. */
function announcementLost(world: Written, isDead: boolean): void {
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p1', sent: true, started: epoch }
  world.save(1, { intent })
  world.lose(minute)
  world.register(2 * minute)
  Object.assign(world.history.requests.at(-1) ?? {}, { at: 2, isUnanswered: true })
  Object.assign(world.process, { isDead })
  world.save(3 * minute, { registration: world.register(3 * minute) }, { process: world.start('p2', 0) })
}

/** The store lost everything then; what was announced before is not shown again, and its maker died with the answer. */
function lostWithItsMaker(world: Written, at: number): void {
  const maker = world.start('p2', 0, { isDead: true })
  if (at < 5) world.lose(at)
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p2', sent: true, started: epoch }
  world.save(5, { intent }, { process: maker })
  if (at > 5) world.lose(at)
  world.register(20)
  Object.assign(world.history.requests.at(-1) ?? {}, { process: maker })
  world.save(30, {})
}

/** The store went back to the announcement, and its maker died with the answer; the note that it leaves is shown again, or is not. */
function sendingLost(world: Written, isShownAgain: boolean): void {
  const maker = world.start('p2', 0, { isDead: true })
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p2', sent: false, started: epoch }
  world.save(1, { intent }, { process: maker })
  world.save(5, { intent: { ...intent, sent: true } }, { process: maker })
  world.lose(10)
  world.save(11, { intent: { ...intent, sent: isShownAgain } })
  world.register(20)
  Object.assign(world.history.requests.at(-1) ?? {}, { process: maker })
  world.save(30, {})
}

/** The store lost the record of one client; another was stored after that, and deleted. */
function deletedAfterLoss(world: Written) {
  const lost = world.register(0)
  const kept = world.register(1)
  world.save(2, { registration: lost })
  world.lose(minute)
  world.save(2 * minute, { registration: kept })
  world.call({ verb: 'delete', at: 3 * minute })
  return { lost, kept }
}

/** The store loses all while one process deletes a client; another registers before that ends, in one epoch or another. */
function registeredWhileDeleted(world: Written, epochOfOther: string): void {
  const intent = { id: 'i-1', operation: 'delete', lease: 1000, owner: 'p1', sent: false, started: epoch }
  world.save(1, { epoch: 'e', state: 'deleting', registration: world.register(0), intent })
  world.lose(2)
  const registration = world.register(3)
  world.save(4, { epoch: epochOfOther, registration }, { process: world.start('p2', 3) })
  world.call({ verb: 'delete', at: 1, endedAt: 5 })
  world.call({ at: 6, value: registration })
}

const afterDelete = (world: Written, code?: string): void => {
  world.save(1, { registration: world.register(0) })
  world.call({ verb: 'delete', at: 2, endedAt: 4, code })
  world.save(3, { registration: { client_id: 'client-1' } })
  world.save(4, {})
}

/** Whoever deletes a client has another token than the server, since it was rotated twice, or by one request. */
function deletedAfterARotation(world: Written, isDoubled: boolean): void {
  afterDelete(world)
  world.history.plan.server.rotatesOnUpdate = true
  world.request({ at: 1, method: 'PUT', client_id: 'client-1', isDoubled })
  world.befall('operator makes a secret', { client_id: 'client-1' })
}

/** Who made a client has saved something else since, and dies so long after a save of it that nobody answered. */
function diedAtASave(world: Written, after: number): void {
  diedAfterSave(world, 4)
  const process = world.history.processes.at(-1)
  const { store } = world.history
  const value = JSON.stringify({ schema: 1, registration: { client_id: 'client-1' } })
  const given = { operation: 'save' as const, askedAt: 5, value, appliedAt: undefined, acknowledgedAt: undefined }
  store.operations.push({ ...(store.operations[0] ?? expect.fail('nothing was saved')), ...given })
  world.befall('process ends', { at: 5 + after, process })
}

/** Whoever deletes a client whose secret lives for a while has such a clock, and its server tells no time and learns late. */
function deletedByAClock(world: Written, clockOff: number): void {
  afterDelete(world)
  Object.assign(world.history.plan.server, { secretLife: second, tellsDate: false, nodesLearnAfter: minute })
  world.process.clockOff = clockOff
}

/** Newer credentials of a client, and then the older ones: what a network that doubles, or a report, may bring. */
function backwards(world: Written, record: (old: Record<string, unknown>) => object = () => ({})): void {
  const old = world.register(0)
  world.history.server.makeSecret(client(world), 5)
  const client_secret = client(world).secrets.at(-1)?.value
  world.save(6, { registration: { ...old, client_secret }, ...record(old) })
  world.save(10, { registration: old })
}

const posts = (world: Written, times: readonly number[], given: object = {}): void => {
  for (const at of times)
    world.request({ at, method: 'POST', endpoint: 'register', status: 500, stored: undefined, ...given })
}

/** Six POSTs after a `forget()` that its caller left, and a save between them that brings it or not. */
function postsAround(world: Written, decisions?: number): void {
  world.save(0, {})
  world.call({ verb: 'forget', at: 1, endedAt: 2, leftAt: 2, code: 'aborted' })
  posts(
    world,
    [3, 4, 5, 20, 21, 22].map((time) => time * second),
  )
  world.save(10 * second, { decisions })
}

/** A registration is sent again where the endpoint is now; what is stored by then was announced by one of two. */
function movesAway(world: Written, by: 'p1' | 'p2'): void {
  posts(world, [0], { status: 404 })
  world.request({ at: 50, endpoint: 'discovery' })
  const intent = { id: 'i-2', operation: 'register', lease: 1 }
  world.save(60, { intent }, by === 'p2' ? { process: world.start('p2', 0) } : {})
  posts(world, [100], { stored: world.history.store.value })
}

/** An update, and its repetition under one announcement or another, after the store has gone back to what is past. */
function repeatedAfterLoss(world: Written, id: string): void {
  const intent = { operation: 'update', lease: 1 }
  world.save(1, { intent: { ...intent, id: 'i-1' } })
  world.request({ at: 2, method: 'PUT', client_id: 'client-1', status: 403, stored: world.history.store.value })
  world.save(4, { intent: { ...intent, id } })
  world.request({ at: 400, method: 'PUT', client_id: 'client-1', status: 403, stored: undefined })
}

const everyMinute = [0, 1, 2, 3, 4, 5].map((time) => time * minute)
const afterLoss = everyMinute.map((at) => at + 1)

/** By a clock that was stepped a POST is sent, whose answer tells the time; another one follows, under that intent. */
function postsAfterAMove(world: Written, intent: string): void {
  const announced = (id: string): string => JSON.stringify({ schema: 1, intent: { id, operation: 'replace' } })
  posts(world, everyMinute.slice(1))
  const [at, endpoint, method] = [6 * minute, 'register', 'POST'] as const
  world.request({ at, endpoint, method, status: 404, stored: announced('i-1'), serverTime: epoch + 2 * hour })
  world.request({ at: at + 5, endpoint, method, status: 201, stored: announced(intent) })
}

/** Of six POSTs the last was announced at such a time, by a clock that was set back then. */
function announcedBefore(world: Written, started: number): void {
  posts(world, everyMinute)
  const intent = { id: 'i-1', operation: 'register', lease: 1000, owner: 'p1', sent: true, started: epoch + started }
  Object.assign(world.history.requests.at(-1) ?? {}, { stored: JSON.stringify({ schema: 1, intent }) })
}

/** A record at rest, and a call that makes a request an hour later. */
function needless(world: Written, record: object = {}, registration: object = {}): void {
  world.save(1, { registration: { ...world.register(0), client_secret_expires_at: 0, ...registration }, ...record })
  world.call({ at: hour, endedAt: hour + 10 })
  world.request({ at: hour + 5 })
}

/** The same with revision 5 of a record, of which the process loaded some revision before. */
function needlessThoughShown(world: Written, revision: number): void {
  needless(world, { epoch: 'e', revision: 5 })
  const { store } = world.history
  const [saved = expect.fail('nothing was saved')] = store.operations
  const value = JSON.stringify({ ...JSON.parse(saved.value ?? ''), revision })
  store.operations.push({ ...saved, operation: 'load', value })
}

/** A needless request, before or after which the store has shown its sender nothing. */
function needlessThoughHidden(world: Written, askedAt: number): void {
  needless(world)
  const { operations } = world.history.store
  const [saved = expect.fail('nothing was saved')] = operations
  operations.push({ ...saved, operation: 'load', askedAt, value: undefined })
}

/** Who has begun since the store lost everything saves older credentials, and was shown what was lost, or nothing of it. */
function backwardsThoughShown(world: Written, shownAt: number): void {
  world.save(0, { revision: 4, registration: { client_id: 'client-0' } })
  const { store } = world.history
  const lost = store.value
  world.lose(1)
  backwards(world)
  const process = world.start('p2', 2)
  const [saved = expect.fail('nothing was saved'), ...later] = store.operations
  Object.assign(later.at(-1) ?? {}, { process })
  if (shownAt > 0) store.operations.push({ ...saved, operation: 'load', process, askedAt: shownAt, value: lost })
}

/** An operator took the token, and the token endpoint, asked about the client, answered a control otherwise than it should. */
function deleted(world: Written, status: number): void {
  const registration = world.register(0)
  world.save(1, { registration })
  world.history.server.takeToken(client(world), 2)
  world.call({ verb: 'delete', at: 3, endedAt: 10 })
  world.request({ at: 4, client_id: 'client-1', status: 401 })
  world.request({ at: 5, endpoint: 'token', method: 'POST', status, isFaulty: true })
  world.save(6, { state: 'deleted' })
}

/** A client each hour, by machines whose clocks are days apart. */
function manyClients(world: Written, tellsDate: boolean): void {
  const { plan } = world.history
  plan.server.tellsDate = tellsDate
  plan.processes = plan.processes.map((it, index) => ({ ...it, clockOff: index * 72 * hour }))
  for (let n = 0; n < 30; n++) world.register(n * hour)
}

/**
 * A secret that the server never gave is handed out, to a report or to whoever comes after another one's: this stood beside the stored
 * one before. `isLookedAt`: a look has shown a third one since.
 */
function swapped(world: Written, beside: string, { by = world.process, isLookedAt = false } = {}): void {
  const registration = world.register(3)
  const other = { ...registration, client_secret: '{bcrypt}hash' }
  world.save(4, { epoch: 'e', revision: 1, registration })
  world.save(5, { epoch: 'e', revision: 2, registration, candidate: { client_secret: beside } }, { process: by })
  const record = { epoch: 'e', registration: other }
  const { client_secret } = registration
  world.save(6, { ...record, revision: 3, candidate: { client_secret } }, { process: by })
  if (isLookedAt) world.save(7, { ...record, revision: 4, candidate: { client_secret: 'third' } }, { process: by })
  const verb = by === world.process ? 'reportRejected' : 'ensure'
  world.call({
    verb,
    at: by === world.process ? 4.5 : 8,
    endedAt: 9,
    rejected: { client_id: 'client-1' },
    value: other,
  })
}

/** A client without a secret is replaced; at the server it has this method. */
function replacedWithoutSecret(world: Written, token_endpoint_auth_method: string): void {
  const { client_secret: _, ...registration } = world.register(0)
  world.save(1, { registration })
  Object.assign(client(world).metadata, { token_endpoint_auth_method })
  world.save(hour, { registration: world.register(hour) })
}

/** A client that lives is replaced when its token has ended; it was updated by a request that the network doubled, or did not. */
function replacedWithoutToken(
  world: Written,
  { isDoubled = false, lostAt = 0, tells = false, denials = 0, isUnanswered = true } = {},
): void {
  if (!tells) world.history.plan.server.deniesUnknownWith = { status: 403 }
  const old = world.register(0)
  world.save(1, { registration: old })
  world.request({ at: minute, method: 'PUT', client_id: 'client-1', isDoubled })
  for (const token of client(world).tokens) token.until = 2 * minute
  if (lostAt > 0) {
    world.lose(lostAt)
    world.save(lostAt + 1, { registration: old })
  }
  for (let n = 0; n < denials; n++)
    world.request({ at: (3 + n) * minute, method: 'GET', client_id: 'client-1', status: 401 })
  world.request({ at: 4 * minute + 1, endpoint: 'token', status: isUnanswered ? undefined : 400, isUnanswered })
  world.save(hour, { registration: world.register(hour) }, { process: world.start('p2', lostAt + 2) })
}

/** Three updates that fail, and a fourth soon after the third. */
function updatesInARow(world: Written): void {
  for (const at of [0, 10 * second, minute, minute + 700])
    world.request({ at, method: 'PUT', client_id: 'client-1', status: 500, stored: undefined })
}

/** A process remembers newer credentials than a store shows it that went back, or did not, and was saved by another one. */
function overtaken(world: Written, { losses = [10], revision = 6, epoch: of = 'e' } = {}): void {
  const old = world.register(0)
  world.history.server.makeSecret(client(world), 5)
  const registration = { ...old, client_secret: client(world).secrets.at(-1)?.value }
  world.save(6, { epoch: 'e', revision: 5, registration })
  for (const at of losses.filter((it) => it < 20)) world.lose(at)
  const other = world.start('p2', 20)
  const record = { epoch: of, revision, registration: old }
  world.save(30, record, { process: other })
  world.call({ at: 40, endedAt: 50, value: old })
  world.save(45, record, { operation: 'load', appliedAt: undefined })
  for (const at of losses.filter((it) => it > 45)) world.lose(at)
}

/** A process knows a newer token beside an older secret, and hands out the younger secret with the token before. */
function youngerWithOlderToken(world: Written, isLost: boolean): void {
  const old = world.register(0)
  world.history.server.makeSecret(client(world), 5)
  const younger = { ...old, client_secret: client(world).secrets.at(-1)?.value }
  if (isLost) world.lose(6)
  client(world).tokens.push({ value: 'newer', from: 7, until: Infinity })
  world.save(8, { revision: 5, registration: { ...old, registration_access_token: 'newer' } })
  world.call({ at: 20, endedAt: 30, value: younger })
}

/** Twelve questions in a minute, of which two came to where the token endpoint was, or are answered otherwise. */
function asksElsewhere(world: Written, status: number): void {
  world.befall('server moves its endpoints')
  for (let number = 0; number < 12; number++)
    world.request({ at: number * second, method: 'POST', endpoint: 'token', status: number < 2 ? status : 401 })
}

/** An update that is announced, lost by the store and not answered, and what is declared after a look; then comes another. */
function foundMade(world: Written, hash: string): void {
  const registration = world.register(0)
  world.save(10, { epoch: 'e', revision: 2, registration, intent: { id: 'i-1', operation: 'update' } })
  world.lose(15)
  const update = { method: 'PUT', client_id: String(registration['client_id']), stored: undefined } as const
  world.request({ at: 20, ...update, status: undefined, isUnanswered: true })
  world.save(40, { epoch: 'e', revision: 3, registration, declaration: { hash } })
  world.save(90, { epoch: 'e', revision: 4, registration, intent: { id: 'i-2', operation: 'renew' } })
  world.request({ at: 100, ...update })
}

/** Another process saves newer credentials, and a look at them takes so long. */
function lookedSlowly(world: Written, ms: number, schema = 2): void {
  const old = world.register(0)
  world.history.server.makeSecret(client(world), 5)
  const registration = { ...old, client_secret: client(world).secrets.at(-1)?.value }
  const record = { schema, epoch: 'e', revision: 2, registration }
  world.save(6, record, { process: world.start('p2', 0) })
  world.save(10, record, { operation: 'load', appliedAt: undefined, acknowledgedAt: 10 + ms })
  world.call({ at: minute, value: old })
}

/** Whoever heard of a client dies, and has saved something else since, beside a `forget()`. */
function startsOver(world: Written, at: number): void {
  lostAnswer(world, [{ intent: 'i-1' }])
  const process = world.start('p2', 0, { isDead: true })
  Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: false, process })
  const { operations } = world.history.store
  operations.length = 1
  for (const it of operations) it.process = process
  world.save(hour, { orphans: [{ intent: 'i-1' }] }, { process })
  world.call({ verb: 'forget', at, endedAt: at + 10, process })
}

/** A report of a client that is gone, without a request of its own. */
function reported(world: Written, asked: Partial<SentRequest>): void {
  const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
  world.history.server.forget(client(world), 1)
  world.request({ endpoint: 'token', method: 'POST', ...asked })
  const at = 10 * minute
  world.call({ verb: 'reportRejected', at, endedAt: at + 5, rejected: registration, value: registration })
}

/** The same, a minute or less after a question without an answer, while another verb changes the client, or looks at it. */
function reportedWhile(world: Written, method: string): void {
  const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
  world.history.server.forget(client(world), 1)
  const at = 10 * minute
  world.request({ at: at - 8 * second, endpoint: 'token', method: 'POST', isUnanswered: true, answeredAt: at - second })
  world.request({ at: at + 2, client_id: 'client-1', method })
  world.call({ verb: 'reportRejected', at, endedAt: at + 5, rejected: registration, value: registration })
}

/** The same, beside another report, whose question got no answer at this time. */
function reportedTogether(world: Written, answeredAt: number): void {
  const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
  world.history.server.forget(client(world), 1)
  const at = 10 * minute
  world.request({ at: at - 8 * second, endpoint: 'token', method: 'POST', isUnanswered: true, answeredAt })
  world.request({ at: at + 2, client_id: 'client-1' })
  world.call({ verb: 'reportRejected', at, endedAt: at + 5, rejected: registration, value: registration })
}

/** The same, beside an earlier report of these credentials or of others, whose question was given up before it came. */
function reportedBeside(world: Written, client_secret?: string): void {
  const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
  const at = 10 * minute
  world.history.server.forget(client(world), 1)
  world.request({ at: at - 8 * second, endpoint: 'token', method: 'POST', isUnanswered: true, answeredAt: at - second })
  world.request({ at: at + 2, client_id: 'client-1' })
  const other = client_secret === undefined ? registration : { ...registration, client_secret }
  const given = { verb: 'reportRejected', endedAt: at + 5, value: registration } as const
  world.call({ ...given, at: at - 9 * second, rejected: other })
  world.call({ ...given, at, rejected: registration })
}

/** The same, after discovery and a look, with so much time between. */
function reportedSlowly(world: Written, ms: number): void {
  const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
  world.history.server.forget(client(world), 1)
  const at = 10 * minute
  world.request({ at, endpoint: 'discovery', answeredAt: at + ms })
  world.request({ at: at + ms, client_id: 'client-1' })
  world.call({ verb: 'reportRejected', at, endedAt: at + ms + 5, rejected: registration, value: registration })
}

/** An update is answered so, with a token in whose place somebody else saves another then, and another update follows at once. */
function deniedOnce(world: Written, { at, status }: { at: number; status: number }): void {
  const of = (token: string): object => ({
    registration: { client_id: 'client-1', registration_access_token: token },
  })
  world.save(1, of('token-1'))
  world.save(at, of('token-2'), { process: world.start('p2', 0) })
  const update = { method: 'PUT', client_id: 'client-1', stored: undefined }
  world.request({ ...update, at: 2, status, token: 'token-1', answeredAt: 100 })
  world.request({ ...update, at: 200, token: 'token-2' })
}

/** Three updates, less than a second apart, none of which was answered; what is saved after each has another declaration, or not. */
function updatedThrice(world: Written, isMade: boolean): void {
  const registration = { client_id: 'client-1' }
  for (let time = 0; time < 3; time++) {
    const at = time * 800
    const save = (after: number, hash: string, intent?: object): void =>
      world.save(at + after, { registration, intent, declaration: { hash } })
    save(1, `${isMade ? time : 0}`, { id: `i${time}`, operation: 'update' })
    world.request({
      at: at + 2,
      method: 'PUT',
      client_id: 'client-1',
      status: undefined,
      isUnanswered: true,
      answeredAt: at + 90,
    })
    save(100, `${isMade ? time + 1 : 0}`)
  }
}

const exceptions: Record<string, Exception> = {
  'I1: what named a client was lost with the store; what came afterwards is not': {
    passes(world) {
      twoClients(world)
      world.lose(2 * minute)
      world.save(3 * minute, {})
    },
    isCaught(world) {
      world.lose(30 * second)
      twoClients(world)
    },
  },
  'I1: an event told of it, by its identifier': {
    passes(world) {
      twoClients(world)
      world.show({ type: 'orphan', text: '{"client_id":"client-2"}' })
    },
    isCaught(world) {
      twoClients(world)
      world.show({ type: 'orphan', text: '{"client_id":"client-20"}' })
      world.show({ type: 'drift', text: '{"client_id":"client-2"}' })
    },
  },
  'I1: an error told of it': {
    passes(world) {
      twoClients(world)
      world.show({ what: 'error', text: 'client-2 was registered, and could not be saved' })
    },
    isCaught(world) {
      twoClients(world)
      world.show({ what: 'error', text: 'client-21 was registered, and could not be saved' })
    },
  },
  'I1: nobody listens, so nobody is told': {
    passes(world) {
      twoClients(world)
      world.history.plan.options.listens = false
    },
    isCaught: (world) => twoClients(world),
  },
  'I1: the network doubled the request that made it': {
    passes(world) {
      twoClients(world)
      Object.assign(world.history.requests.at(-1) ?? {}, { isDoubled: true })
    },
    isCaught(world) {
      twoClients(world)
      Object.assign(world.history.requests[0] ?? {}, { isDoubled: true })
    },
  },
  'I1: its answer was lost, and its intent is listed': {
    passes: (world) => lostAnswer(world, [{ intent: 'i-1' }]),
    isCaught: (world) => lostAnswer(world, [{ intent: 'i-2' }]),
  },
  'I1: its answer was lost, and the request was announced': {
    passes: (world) => lostAnswer(world, [{ intent: 'i-1' }]),
    isCaught: (world) => lostAnswer(world, [{ intent: 'i-1' }], { isAnnounced: false }),
  },
  'I1: its answer was lost, and what its sender had announced is listed, whatever was stored when it left': {
    passes: (world) => lostBesideAnother(world, 'i-1'),
    isCaught: (world) => lostBesideAnother(world, 'i-2'),
  },
  'I1: its maker died, and the store lost what was announced of it': {
    passes: (world) => announcementLost(world, true),
    isCaught: (world) => announcementLost(world, false),
  },
  'I1: the store lost what its maker had announced, who heard of that save later, sent, and died': {
    passes: (world) => lostWithItsMaker(world, 10),
    isCaught: (world) => lostWithItsMaker(world, 1),
  },
  'I1: the store lost that it was about to leave, and shows the announcement of before': {
    passes: (world) => sendingLost(world, false),
    isCaught: (world) => sendingLost(world, true),
  },
  'I1: its maker died before anything was saved': {
    passes(world) {
      lostAnswer(world, [{ intent: 'i-1' }])
      const maker = world.start('p2', 0, { isDead: true })
      Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: false, process: maker })
      for (const it of world.history.store.operations.slice(0, 1)) it.process = maker
    },
    isCaught(world) {
      lostAnswer(world, [{ intent: 'i-1' }])
      const maker = world.start('p2', 0, { isDead: true })
      Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: false, process: maker })
      for (const it of world.history.store.operations) it.process = maker
    },
  },
  'I1: or before its maker heard that something was saved': {
    passes: (world) => diedAfterSave(world, undefined),
    isCaught: (world) => diedAfterSave(world, 4),
  },
  'I1: or while what the store has lost was put back, with its announcement': {
    passes: (world) => diedAfterPuttingBack(world, 1000),
    isCaught: (world) => diedAfterPuttingBack(world, 0),
  },
  'I1: the world ended while its maker was about to save it': {
    passes: (world) => madeAtTheEnd(world, 10 * second),
    isCaught: (world) => madeAtTheEnd(world, 21 * second),
  },
  'I1: or before anything was saved but what started over': {
    passes: (world) => startsOver(world, hour - 5),
    isCaught: (world) => startsOver(world, hour - 15),
  },
  'I1: whoever deleted it was told that it is gone, since an operator had switched it off': {
    passes(world) {
      afterDelete(world)
      world.befall('operator disables', { client_id: 'client-1' })
    },
    isCaught(world) {
      afterDelete(world)
      world.befall('operator disables', { client_id: 'client-2' })
    },
  },
  'I1: whoever deleted it could not see that it lives, since it waits for approval': {
    passes(world) {
      afterDelete(world)
      world.history.plan.server.approvesAfter = hour
    },
    isCaught(world) {
      afterDelete(world, 'transport')
      world.history.plan.server.approvesAfter = hour
    },
  },
  'I1: nor one whose secret was over when it came': {
    passes(world) {
      afterDelete(world)
      world.history.plan.server.secretLife = 0
    },
    isCaught(world) {
      afterDelete(world)
      world.history.plan.server.secretLife = 1
    },
  },
  'I1: an operator made another secret, and no node knows it': {
    passes(world) {
      afterDelete(world)
      world.befall('operator makes a secret', { client_id: 'client-1' })
      world.history.plan.server.nodesLearnAfter = minute
    },
    isCaught(world) {
      afterDelete(world)
      world.befall('operator makes a secret', { client_id: 'client-1' })
    },
  },
  'I1: an operator made another secret, and the network did a rotation twice': {
    passes: (world) => deletedAfterARotation(world, true),
    isCaught: (world) => deletedAfterARotation(world, false),
  },
  'I1: who made it died while a store that hangs was asked to save it': {
    passes: (world) => diedAtASave(world, 20 * second),
    isCaught: (world) => diedAtASave(world, 30 * second),
  },
  'I1: its secret has ended before a clock that is behind, and no node knows it': {
    passes: (world) => deletedByAClock(world, -minute),
    isCaught: (world) => deletedByAClock(world, minute),
  },
  'I1: the record says that it is deleted': {
    passes(world) {
      const registration = world.register(0)
      world.save(1, { registration })
      world.save(4, { registration, state: 'deleted' })
      world.history.plan.server.secretLife = 0
    },
    isCaught(world) {
      world.save(1, { registration: world.register(0) })
      world.register(2)
      world.save(4, { registration: { client_id: 'client-1' }, state: 'deleted' })
      world.history.plan.server.secretLife = 0
    },
  },
  'I2: the store has gone back since its sender saw that another client is in use': {
    passes: (world) => deletesAfterLoss(world, 2),
    isCaught: (world) => deletesAfterLoss(world, 0.5),
  },
  'I3: a save that nobody has heard of counts for nobody': {
    passes(world) {
      world.save(1, { revision: 7, epoch: 'e' }, { acknowledgedAt: undefined })
      world.save(2, { revision: 6, epoch: 'e' })
    },
    isCaught(world) {
      world.save(1, { revision: 7, epoch: 'e' }, { acknowledgedAt: 2 })
      world.save(2, { revision: 6, epoch: 'e' })
    },
  },
  'I3: forget() starts another epoch while it is under way': {
    passes(world) {
      world.save(1, { revision: 7, epoch: 'e' })
      world.call({ verb: 'forget', at: 2, endedAt: 5 })
      world.save(3, { revision: 1, epoch: 'f' })
    },
    isCaught(world) {
      world.save(1, { revision: 7, epoch: 'e' })
      world.call({ verb: 'forget', at: 2, endedAt: 5 })
      world.save(6, { revision: 1, epoch: 'f' })
    },
  },
  'I3: forget() goes on when its caller has left, for as long as a call may take': {
    passes(world) {
      world.save(1, { revision: 7, epoch: 'e' })
      world.call({ verb: 'forget', at: 2, endedAt: 5, leftAt: 5, code: 'aborted' })
      world.save(45 * second, { revision: 1, epoch: 'f' })
    },
    isCaught(world) {
      world.save(1, { revision: 7, epoch: 'e' })
      world.call({ verb: 'forget', at: 2, endedAt: 5, leftAt: 5, code: 'aborted' })
      world.save(55 * second, { revision: 1, epoch: 'f' })
    },
  },
  'I3: forget() starts over, and nobody else': {
    passes(world) {
      world.save(1, { revision: 7, epoch: 'e', state: 'deleted' })
      world.call({ verb: 'forget', at: 2, endedAt: 5 })
      world.save(3, { revision: 8, epoch: 'e' })
    },
    isCaught(world) {
      world.save(1, { revision: 7, epoch: 'e', state: 'deleted' })
      world.call({ verb: 'forget', at: 2, endedAt: 5 })
      world.save(3, { revision: 8, epoch: 'e' }, { process: world.start('p2', 0) })
    },
  },
  'I3: who remembers what the store lost brings it back': {
    passes(world) {
      world.lose(1)
      backwards(world)
    },
    isCaught(world) {
      world.lose(1)
      backwards(world)
      Object.assign(world.history.store.operations.at(-1) ?? {}, { process: world.start('p2', 2) })
    },
  },
  'I3: who was shown it since by an old value does, too': {
    passes: (world) => backwardsThoughShown(world, 3),
    isCaught: (world) => backwardsThoughShown(world, 0),
  },
  'I3: what the network doubled is answered in any order': {
    passes(world) {
      world.request({ at: 4, method: 'PUT', client_id: 'client-1', isDoubled: true })
      backwards(world)
    },
    isCaught(world) {
      world.request({ at: 11, method: 'PUT', client_id: 'client-1', isDoubled: true })
      world.request({ at: 4, method: 'PUT', client_id: 'client-2', isDoubled: true })
      backwards(world)
    },
  },
  'I3: the secret that stood beside the stored one takes its place': {
    passes: (world) => backwards(world, ({ client_secret }) => ({ candidate: { client_secret } })),
    isCaught: (world) => backwards(world, () => ({ candidate: { client_secret: 'another' } })),
  },
  'I4: a server that has no such thing made nothing': {
    passes: (world) => posts(world, everyMinute, { status: 501 }),
    isCaught: (world) => posts(world, everyMinute, { status: 503 }),
  },
  'I4: a refusal made nothing': {
    passes: (world) => posts(world, everyMinute, { status: 400 }),
    isCaught: (world) => posts(world, everyMinute, { status: 200 }),
  },
  'I4: a page of whoever stands before the server made nothing': {
    passes: (world) => posts(world, everyMinute, { status: 200, isPage: true }),
    isCaught: (world) => posts(world, everyMinute, { status: 200 }),
  },
  'I4: what was not even taken made nothing': {
    passes: (world) => posts(world, everyMinute, { status: undefined, isUnanswered: true, isRefused: true }),
    isCaught: (world) => posts(world, everyMinute, { status: undefined, isUnanswered: true }),
  },
  'I4: a server that asks for patience made nothing': {
    passes: (world) => posts(world, everyMinute, { status: 503, retryAfter: second }),
    isCaught: (world) => posts(world, everyMinute, { status: undefined }),
  },
  'I4: an hour is one by the clock of its sender': {
    passes(world) {
      posts(
        world,
        [0, 1, 2, 3, 4, 59.5].map((time) => time * minute),
      )
      world.process.drift = 0.01
    },
    isCaught: (world) =>
      posts(
        world,
        [0, 1, 2, 3, 4, 59.5].map((time) => time * minute),
      ),
  },
  'I4: whose clock was set back between the announcement and the request had decided by the one of before': {
    passes: (world) => announcedBefore(world, hour + 5 * minute),
    isCaught: (world) => announcedBefore(world, 30 * minute),
  },
  'I4: whose clock was stepped by an hour counts another hour': {
    passes(world) {
      posts(world, everyMinute)
      Object.assign(world.history.requests.at(-1) ?? {}, { serverTime: epoch + hour + 5 * minute })
    },
    isCaught(world) {
      posts(world, everyMinute)
      Object.assign(world.history.requests.at(-1) ?? {}, { serverTime: epoch + 30 * minute })
    },
  },
  'I4: what a POST repeats is counted by the clock that its sender had before it was answered': {
    passes: (world) => postsAfterAMove(world, 'i-1'),
    isCaught: (world) => postsAfterAMove(world, 'i-2'),
  },
  'I4: what forget() starts over is counted anew': {
    passes(world) {
      posts(world, everyMinute)
      world.call({ verb: 'forget', at: 4.5 * minute })
    },
    isCaught(world) {
      posts(world, everyMinute)
      world.call({ verb: 'forget', at: 4.5 * minute, endedAt: 4.5 * minute, code: 'aborted' })
    },
  },
  'I4: what a caller left counts anew from when it was saved': {
    passes: (world) => postsAround(world, 1),
    isCaught: (world) => postsAround(world),
  },
  'I4: a store that has lost the count counts anew': {
    passes(world) {
      posts(world, everyMinute)
      world.lose(30 * second)
    },
    isCaught(world) {
      world.lose(0)
      posts(world, afterLoss)
    },
  },
  'I4: what somebody remembers comes without what others counted': {
    passes(world) {
      world.lose(0)
      posts(world, afterLoss)
      world.save(3 * minute, {})
    },
    isCaught(world) {
      world.lose(0)
      posts(world, afterLoss)
      world.save(3 * minute, {}, { process: world.start('p2', 5) })
    },
  },
  'I5: there is an excuse for what is wrong': {
    passes: ({ history: { rest } }) => void Object.assign(rest, { wrong: 'calls fail', excuse: 'suspect' }),
    isCaught: ({ history: { rest } }) => void Object.assign(rest, { wrong: 'calls fail' }),
  },
  'I5: there is none for a record that does not rest': {
    passes: ({ history: { rest } }) => void Object.assign(rest, { excuse: 'suspect' }),
    isCaught: ({ history: { rest } }) =>
      void Object.assign(rest, { unrest: 'update of p1 is open', excuse: 'suspect' }),
  },
  'I9: a client that only the lost record named is brought back by whoever remembers it': {
    passes: (world) => world.call({ at: 4 * minute, value: deletedAfterLoss(world).lost }),
    isCaught: (world) => world.call({ at: 4 * minute, value: deletedAfterLoss(world).kept }),
  },
  'I9: who began on an empty store while another deletes knows nothing of that': {
    passes: (world) => registeredWhileDeleted(world, 'f'),
    isCaught: (world) => registeredWhileDeleted(world, 'e'),
  },
  'I12: whose clock was stepped does not know that instant': {
    passes(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.befall('clock is stepped', { process: world.process })
    },
    isCaught(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.befall('clock is stepped', { process: world.start('p2', 0) })
    },
  },
  'I12: who slept with a clock that is off has forgotten by how much': {
    passes(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      Object.assign(world.process, { slept: hour, clockOff: hour })
    },
    isCaught(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      Object.assign(world.process, { slept: hour })
    },
  },
  'I12: forget() is called meanwhile': {
    passes(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.call({ verb: 'forget', at: 20 * second })
    },
    isCaught(world) {
      posts(world, [0], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.call({ verb: 'forget', at: 40 * second })
    },
  },
  'I12: forget() ends meanwhile': {
    passes(world) {
      posts(world, [10 * second], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.call({ verb: 'forget', at: 0, endedAt: 20 * second })
    },
    isCaught(world) {
      posts(world, [10 * second], { status: 429, retryAfter: minute })
      posts(world, [30 * second])
      world.call({ verb: 'forget', at: 0, endedAt: 5 * second })
    },
  },
  'I12: a wait at the token endpoint binds no other, and one at any other all': {
    passes(world) {
      world.request({ at: 0, endpoint: 'token', method: 'POST', status: 429, retryAfter: minute })
      world.request({ at: 30 * second })
    },
    isCaught(world) {
      world.request({ at: 0, endpoint: 'register', method: 'POST', status: 429, retryAfter: minute })
      world.request({ at: 30 * second })
    },
  },
  'I12: a wait of more than an hour counts as one': {
    passes(world) {
      posts(world, [0], { status: 429, retryAfter: 5 * hour })
      posts(world, [hour + second])
    },
    isCaught(world) {
      posts(world, [0], { status: 429, retryAfter: 5 * hour })
      posts(world, [50 * minute])
    },
  },
  'I12: what was refused may be asked otherwise at once': {
    passes: (world) => posts(world, [0, 100, 200], { status: 401 }),
    isCaught: (world) => posts(world, [0, 100, 200], { status: 403 }),
  },
  'I12: who starts over forgets what failed': {
    passes(world) {
      posts(world, [2 * minute, 2 * minute + 900, 2 * minute + 1000])
      world.call({ verb: 'recover', at: 2 * minute + 950 })
    },
    isCaught(world) {
      posts(world, [2 * minute, 2 * minute + 900, 2 * minute + 1000])
      world.call({ verb: 'recover', at: 30 * second })
    },
  },
  'I15: nobody says what time it is to machines whose clocks are days apart': {
    passes: (world) => manyClients(world, false),
    isCaught: (world) => manyClients(world, true),
  },
  'I12: the row of failures begins anew with it': {
    passes(world) {
      posts(world, [2 * minute, 2 * minute + 900, 2 * minute + 10_000, 2 * minute + 10_700])
      world.call({ verb: 'recover', at: 2 * minute + 5000 })
    },
    isCaught(world) {
      posts(world, [2 * minute, 2 * minute + 900, 2 * minute + 10_000, 2 * minute + 10_700])
      world.call({ verb: 'recover', at: 30 * second })
    },
  },
  'I12: a registration that was answered well begins every row anew': {
    passes(world) {
      updatesInARow(world)
      world.register(30 * second)
    },
    isCaught(world) {
      updatesInARow(world)
      world.register(2 * minute)
    },
  },
  'I12: an update whose answer breaks off after a success was made': {
    passes(world) {
      for (const at of [0, 100])
        world.request({ at, method: 'PUT', client_id: 'client-1', status: 200, isUnanswered: true, stored: undefined })
    },
    isCaught: (world) => posts(world, [0, 100], { status: 201, isUnanswered: true }),
  },
  'I12: a look has shown that an update was made, also where the store went back before it left': {
    passes: (world) => foundMade(world, 'b'),
    isCaught: (world) => foundMade(world, 'a'),
  },
  'I12: failures of one client say nothing of another': {
    passes(world) {
      for (const at of [0, 100])
        world.request({ at, method: 'PUT', client_id: `client-${at}`, status: 500, stored: undefined })
    },
    isCaught(world) {
      for (const at of [0, 100])
        world.request({ at, method: 'PUT', client_id: 'client-1', status: 500, stored: undefined })
    },
  },
  'I12: a denial of a token that the record no longer held says nothing of the next one': {
    passes: (world) => deniedOnce(world, { at: 50, status: 401 }),
    isCaught: (world) => deniedOnce(world, { at: 150, status: 401 }),
  },
  'I12: a failure with a token that the record no longer held is one all the same': {
    passes: (world) => deniedOnce(world, { at: 50, status: 401 }),
    isCaught: (world) => deniedOnce(world, { at: 50, status: 500 }),
  },
  'I12: three requests may belong to one operation': {
    passes(world) {
      const stored = JSON.stringify({ schema: 1, intent: { id: 'i-1', operation: 'update' } })
      for (const at of [0, 100, 200]) world.request({ at, method: 'PUT', status: 401, stored })
    },
    isCaught(world) {
      const stored = JSON.stringify({ schema: 1, intent: { id: 'i-1', operation: 'update' } })
      for (const at of [0, 100, 200, 300]) world.request({ at, method: 'PUT', status: 401, stored })
    },
  },
  'I12: nobody was at an endpoint that moved, and the store lost what was announced': {
    passes(world) {
      posts(world, [0], { status: 404 })
      world.request({ at: 50, endpoint: 'discovery' })
      posts(world, [100])
    },
    isCaught(world) {
      posts(world, [0], { status: 404 })
      posts(world, [100])
    },
  },
  'I12: what its sender has announced once is one operation, whatever the store shows by then': {
    passes: (world) => repeatedAfterLoss(world, 'i-1'),
    isCaught: (world) => repeatedAfterLoss(world, 'i-2'),
  },
  'I12: the store lost what was announced, and somebody else has announced something since': {
    passes: (world) => movesAway(world, 'p2'),
    isCaught: (world) => movesAway(world, 'p1'),
  },
  'I13: somebody is at it': {
    passes: (world) => needless(world, { intent: { id: 'i-1', operation: 'update' } }),
    isCaught: (world) => needless(world),
  },
  'I13: the client is doubted, or what was made of it': {
    passes: (world) => needless(world, { suspicion: {}, doubt: {} }),
    isCaught: (world) => needless(world, { noted: {} }),
  },
  'I13: the store lost the record before the call looked at it': {
    passes(world) {
      needless(world)
      world.lose(hour)
    },
    isCaught(world) {
      needless(world)
      world.lose(hour + minute)
    },
  },
  'I13: something else is declared': {
    passes: (world) => needless(world, { declaration: { hash: 'a', metadata: { client_name: 'Orders 1' } } }),
    isCaught: (world) => needless(world, { declaration: { hash: 'a', metadata: { client_name: 'Orders 0' } } }),
  },
  'I13: what is in force is not known': {
    passes: (world) => needless(world, { declaration: { hash: '', metadata: { client_name: 'Orders 0' } } }),
    isCaught: (world) => needless(world, { declaration: { hash: 'a', metadata: { client_name: 'Orders 0' } } }),
  },
  'I13: the secret ends within ten minutes': {
    passes: (world) => needless(world, {}, { client_secret_expires_at: (epoch + hour + 9 * minute) / 1000 }),
    isCaught: (world) => needless(world, {}, { client_secret_expires_at: (epoch + hour + 11 * minute) / 1000 }),
  },
  'I13: or does so by the clock of its process, which an answer puts right': {
    passes(world) {
      needless(world, {}, { client_secret_expires_at: (epoch + hour + 11 * minute) / 1000 })
      Object.assign(world.history.requests.at(-1) ?? {}, { serverTime: epoch + hour + 2 * minute })
    },
    isCaught(world) {
      needless(world, {}, { client_secret_expires_at: (epoch + hour + 11 * minute) / 1000 })
      Object.assign(world.history.calls.at(-1) ?? {}, { serverTime: epoch + hour + 2 * minute })
    },
  },
  'I13: a save of this process failed before': {
    passes(world) {
      world.save(0, {}, { failed: 'the store is down' })
      needless(world)
    },
    isCaught(world) {
      world.save(0, {}, { failed: 'the store is down', process: world.start('p2', 0) })
      needless(world)
    },
  },
  'I13: a request of this process was not answered before': {
    passes(world) {
      world.request({ at: 0, isUnanswered: true })
      needless(world)
    },
    isCaught(world) {
      world.request({ at: 0, isUnanswered: true, process: world.start('p2', 0) })
      needless(world)
    },
  },
  'I13: this process may remember what the store has lost': {
    passes(world) {
      world.lose(0)
      needless(world)
    },
    isCaught(world) {
      world.lose(0)
      const process = world.start('p2', 10)
      needless(world)
      for (const it of [...world.history.calls, ...world.history.requests]) it.process = process
    },
  },
  'I13: this process was shown what the store has lost': {
    passes: (world) => needlessThoughShown(world, 6),
    isCaught: (world) => needlessThoughShown(world, 5),
  },
  'I13: the store has hidden the record from it': {
    passes: (world) => needlessThoughHidden(world, hour + 1),
    isCaught: (world) => needlessThoughHidden(world, hour + 8),
  },
  'I13: another call of this process is under way, or just was': {
    passes(world) {
      needless(world)
      world.call({ at: hour - 2 * minute, endedAt: hour - 50 * second })
    },
    isCaught(world) {
      needless(world)
      world.call({ at: hour - 2 * minute, endedAt: hour - 70 * second })
    },
  },
  'I13: its client is a metadata document, and the server takes none any more': {
    passes: (world) => needless(world, { route: 'metadata-document', offers: { at: epoch, length: hour } }),
    isCaught: (world) =>
      needless(world, { route: 'metadata-document', offers: { at: epoch, length: hour, documents: true } }),
  },
  'I13: its management token counted as lost for long enough': {
    passes: (world) => needless(world, { unmanageable: { at: epoch, length: hour } }),
    isCaught: (world) => needless(world, { unmanageable: { at: epoch, length: 2 * hour } }),
  },
  'I13: or had just been when its process fell asleep': {
    passes: (world) => needlessAfter(world, 'process sleeps', 50 * second),
    isCaught: (world) => needlessAfter(world, 'process sleeps', 70 * second),
  },
  'I13: or when it was stopped': {
    passes: (world) => needlessAfter(world, 'process pauses', 50 * second),
    isCaught: (world) => needlessAfter(world, 'process pauses', 70 * second),
  },
  'I1: whoever deleted it was denied, and the token endpoint could not tell, and was not only in trouble': {
    passes: (world) => deleted(world, 409),
    isCaught: (world) => deleted(world, 503),
  },
  'I7: a look has brought another secret, which a report takes': {
    passes: (world) => swapped(world, '{bcrypt}hash'),
    isCaught: (world) => swapped(world, 'another'),
  },
  'I7: the report of another has taken it': {
    passes: (world) => swapped(world, '{bcrypt}hash', { by: world.start('p2', 3) }),
    isCaught: (world) => swapped(world, 'another', { by: world.start('p2', 3) }),
  },
  'I7: and a third one stands beside it since then': {
    passes: (world) => swapped(world, '{bcrypt}hash', { by: world.start('p2', 3), isLookedAt: true }),
    isCaught: (world) => swapped(world, 'another', { by: world.start('p2', 3), isLookedAt: true }),
  },
  'I7: after the store went back, others saved above what is remembered': {
    passes: (world) => overtaken(world),
    isCaught: (world) => overtaken(world, { losses: [] }),
  },
  'I7: what the store loses once more, after this process was shown what they saved, changes nothing': {
    passes: (world) => overtaken(world, { losses: [10, 47] }),
    isCaught: (world) => overtaken(world, { losses: [47] }),
  },
  'I6: a question to a token endpoint that has moved reaches nobody': {
    passes: (world) => asksElsewhere(world, 404),
    isCaught: (world) => asksElsewhere(world, 401),
  },
  'I7: what the store says later than anybody waits for it is not heard': {
    passes: (world) => lookedSlowly(world, 6 * second),
    isCaught: (world) => lookedSlowly(world, 4 * second),
  },
  'I7: of what a newer release has written an older one knows nothing': {
    passes: (world) => lookedSlowly(world, second, 3),
    isCaught: (world) => lookedSlowly(world, second),
  },
  'I7: above it, and not below': {
    passes: (world) => overtaken(world),
    isCaught: (world) => overtaken(world, { revision: 4 }),
  },
  'I7: or in another epoch': {
    passes: (world) => overtaken(world, { revision: 4, epoch: 'f' }),
    isCaught: (world) => overtaken(world, { revision: 4, epoch: 'f', losses: [] }),
  },
  'I7: what a store that went back shows has the younger secret, and the older token': {
    passes: (world) => youngerWithOlderToken(world, true),
    isCaught: (world) => youngerWithOlderToken(world, false),
  },
  'I7: each side of a fork has a history of its own': {
    passes: (world) => olderThanKnown(world, 5),
    isCaught: (world) => olderThanKnown(world, 9),
  },
  'I11: a report rests on a question within a minute that was not answered': {
    passes: (world) => reported(world, { at: 10 * minute - 30 * second, isUnanswered: true }),
    isCaught: (world) => reported(world, { at: 10 * minute - 90 * second, isUnanswered: true }),
  },
  'I11: a report rests on such a question while rotate() updates the client, which asks nothing': {
    passes: (world) => reportedWhile(world, 'PUT'),
    isCaught: (world) => reportedWhile(world, 'GET'),
  },
  'I11: a report shares a question that was not answered, and was asked before it came': {
    passes: (world) => reportedTogether(world, 10 * minute + 1),
    isCaught: (world) => reportedTogether(world, 10 * minute - 1),
  },
  'I11: a report shares what an earlier one has asked, which it waits with': {
    passes: (world) => reportedBeside(world),
    isCaught: (world) => reportedBeside(world, 'another'),
  },
  'I11: the time for the token endpoint was over before it could be asked': {
    passes: (world) => reportedSlowly(world, 11 * second),
    isCaught: (world) => reportedSlowly(world, second),
  },
  'I11: an update without an answer has given the client a secret that nobody knows': {
    passes: (world) => replacedWithoutSecret(world, 'client_secret_basic'),
    isCaught: (world) => replacedWithoutSecret(world, 'none'),
  },
  'I11: the network doubled what gave another token, and the token endpoint can not tell': {
    passes: (world) => replacedWithoutToken(world, { isDoubled: true }),
    isCaught: (world) => replacedWithoutToken(world),
  },
  'I11: a doubled request gave another token, and nothing else can tell': {
    passes: (world) => replacedWithoutToken(world, { isDoubled: true }),
    isCaught: (world) => replacedWithoutToken(world, { isDoubled: true, tells: true }),
  },
  'I11: a doubled request gave another token, and the token endpoint has answered at none of three denials': {
    passes: (world) => replacedWithoutToken(world, { isDoubled: true, tells: true, denials: 3 }),
    isCaught: (world) => replacedWithoutToken(world, { isDoubled: true, tells: true, denials: 2 }),
  },
  'I11: a doubled request gave another token, and the token endpoint was silent since the first of three denials': {
    passes: (world) => replacedWithoutToken(world, { isDoubled: true, tells: true, denials: 3 }),
    isCaught: (world) => replacedWithoutToken(world, { isDoubled: true, tells: true, denials: 3, isUnanswered: false }),
  },
  'I11: the store has lost the newer token, and the token endpoint can not tell': {
    passes: (world) => replacedWithoutToken(world, { lostAt: 3 * minute }),
    isCaught: (world) => replacedWithoutToken(world, { lostAt: minute }),
  },
  'I12: a look has shown that an update without an answer was made': {
    passes: (world) => updatedThrice(world, true),
    isCaught: (world) => updatedThrice(world, false),
  },
}

describe('an exception', () => {
  test.each(Object.entries(exceptions))('%s', (name, { passes, isCaught }) => {
    const invariant = name.slice(0, name.indexOf(':'))
    const [allowed, neighbour] = [new Written(), new Written()]
    passes(allowed)
    expect(broken(allowed.history)).not.toHaveProperty(invariant)
    isCaught(neighbour)
    expect(broken(neighbour.history)).toHaveProperty(invariant)
  })
})
