import { isDenial } from './behaviour.ts'
import type { Call, Credentials, History, SentRequest } from './history.ts'
import { day, hour, minute, second } from './plan.ts'
import type { Plan } from './plan.ts'
import { epoch } from './process.ts'
import type { SimulatedProcess } from './process.ts'
import type { ClientView, RecordView } from './record-view.ts'
import { viewOf } from './record-view.ts'
import type { Client } from './server.ts'
import type { StoredMoment, StoreOperation } from './store.ts'
import { handsOut } from './world.ts'

/** A rule that must hold in every world: returns what breaks it, and when, or nothing. */
export type Invariant = (history: History) => Violation | undefined

export interface Violation {
  at: number
  what: string
}

/** All of them, by the names that they have in the rules of the manager. */
export const invariants: Readonly<Record<string, Invariant>> = {
  I1: everyClientIsAccountedFor,
  I2: noDeletionOfTheClientInUse,
  I3: savesGoForward,
  I4: fewRegistrationsAnHour,
  I5: restAfterTheStorm,
  I6: nobodyIsBusy,
  I7: credentialsLive,
  I8: callsEnd,
  I9: deletedStaysDeleted,
  I10: nothingSecretIsShown,
  I11: noReplacementWithoutReason,
  I12: patience,
  I13: noRequestWithoutNeed,
  I14: thereIsAWayOut,
  I15: fewClientsAWeek,
  I16: nothingIsRegisteredInVain,
  I17: newerLayoutsStand,
}

/** The first violation of each invariant that a history breaks. */
export function broken(
  history: History,
  which: readonly string[] = Object.keys(invariants),
): Record<string, Violation> {
  const found: Record<string, Violation> = {}
  for (const name of which) {
    const violation = invariants[name]?.(history)
    if (violation) found[name] = violation
  }
  return found
}

/** When the store last lost acknowledged saves: claims that rest on those are void, and none that rest on later ones. */
const lastLoss = ({ store }: History, before = Infinity): number =>
  Math.max(
    -Infinity,
    ...store.incidents.filter(({ what, at }) => what !== 'touched' && at <= before).map(({ at }) => at),
  )

/** Whether a process may remember what the store has lost, or was shown it since by an old value, and brings it back. */
function remembersLoss(history: History, process: SimulatedProcess, at: number): boolean {
  const loss = lastLoss(history, at)
  const { operations, timeline } = history.store
  if (loss < 0 || process.startedAt <= loss) return loss >= 0
  return operations.some(
    (it) =>
      it.process === process &&
      it.operation === 'load' &&
      it.askedAt > loss &&
      it.askedAt <= at &&
      it.value !== undefined &&
      timeline.some(({ at: stored, value }) => stored <= loss && value === it.value),
  )
}

/** Whether a process that remembers what the store lost has saved since: it may overwrite what others did meanwhile. */
const isBroughtBack = (history: History, before: number): boolean => {
  const loss = lastLoss(history, before)
  return history.store.operations.some(
    ({ process, appliedAt = Infinity }) =>
      appliedAt > loss && appliedAt <= before && remembersLoss(history, process, appliedAt),
  )
}

/** Whether the store is forked: each side has a history of its own, and what is past may be that of the other side. */
const isForked = ({ befallen, store }: History, time: number): boolean =>
  befallen.some(
    ({ what, at }) =>
      what === 'store forks' &&
      at <= time &&
      !store.incidents.some((it) => it.what === 'fork ends' && it.at >= at && it.at <= time),
  )

function everyClientIsAccountedFor(history: History): Violation | undefined {
  const { server, store, requests, shown, plan, endedAt, isExhausted } = history
  const record = viewOf(store.value)
  if (record === undefined || !plan.options.listens || isExhausted) return undefined
  const loss = lastLoss(history)
  const known = new Set<string | undefined>([
    record.client?.client_id,
    ...record.previous.map(({ client_id }) => client_id),
    ...record.listed.map(({ client_id }) => client_id),
  ])
  for (const client of server.clients) {
    if (client.deletedAt !== undefined || client.goneAt !== undefined || known.has(client.id)) continue
    if (client.madeAt <= loss) continue
    if (wasDeleted(history, client) && looksDeleted(history, client)) continue
    if (shown.some((it) => (it.type === 'orphan' || it.what === 'error') && it.text.includes(`${client.id}"`))) continue
    if (shown.some((it) => it.what === 'error' && new RegExp(`${client.id}(?!\\d)`).test(it.text))) continue
    const maker = requests.find(({ made }) => made.includes(client.id))
    if (maker === undefined || maker.isDoubled) continue
    const id = announcedBy(history, maker)
    const isKnown = id !== undefined && (isNoted(history, record, id) || diedUnheard(history, maker, id))
    const isUnsaved = isLost(history, maker, id) || isJustMade(history, maker, record, id) || diedSaving(history, maker)
    if (isUnsaved && isKnown) continue
    return { at: endedAt, what: `${client.id} lives at the server, and nobody knows of it` }
  }
  return undefined
}

/** Whether a caller was told that a client is deleted, or the record says it: a start over afterwards has nothing to list. */
const wasDeleted = ({ calls, store }: History, { id }: Client): boolean =>
  (viewOf(store.value)?.state === 'deleted' &&
    store.timeline.some(({ value }) => viewOf(value)?.client?.client_id === id)) ||
  calls.some(
    ({ verb, code, endedAt = Infinity, at }) =>
      verb === 'delete' &&
      code === undefined &&
      store.timeline.some((it) => it.at >= at && it.at <= endedAt && viewOf(it.value)?.client?.client_id === id),
  )

/**
 * Whether a client looks deleted to the process that deletes it: its token was lost and it was not approved yet; its secret had
 * ended when it came, so that its end is taken for a mistake; an operator switched it off; or an operator made another secret, or
 * it has ended unseen, while the management address denies it, too: its token was taken, a rotation that the network did twice
 * has brought another, or no node knows it yet. Both witnesses say then what they say of a client that is gone.
 */
const looksDeleted = (history: History, client: Client): boolean => {
  const { befallen, plan, requests } = history
  const { id, tokenTakenAt } = client
  const rotates = plan.server.rotatesOnUpdate || plan.server.rotatesOnRead
  const isDoubled = rotates && requests.some((it) => it.isDoubled && it.client_id === id)
  const isDenied = tokenTakenAt !== undefined || plan.server.nodesLearnAfter > 0 || isDoubled
  const met = (incident: string): boolean =>
    befallen.some(({ what, client_id }) => what === incident && client_id === id)
  return (
    isLiedAbout(history, client) ||
    plan.server.approvesAfter !== undefined ||
    (plan.server.secretLife ?? Infinity) <= 0 ||
    met('operator disables') ||
    (isDenied && (met('operator makes a secret') || endsUnseen(history)))
  )
}

/** Whether a secret may end before a process with a late clock sees it, where the server does not tell the time. */
const endsUnseen = ({ plan, processes }: History): boolean =>
  plan.server.secretLife !== undefined && !plan.server.tellsDate && processes.some(({ clockOff }) => clockOff < 0)

/** Whether the token endpoint tells a client that lives from one that it does not know. */
function tellsLife({ options, server }: Plan): boolean {
  const { refusesCodeWith, deniesUnknownWith } = server
  return (
    !options.ownProof &&
    refusesCodeWith.error !== undefined &&
    deniesUnknownWith.error !== undefined &&
    (refusesCodeWith.error !== deniesUnknownWith.error || refusesCodeWith.status !== deniesUnknownWith.status)
  )
}

/**
 * Whether the management address denied a client, by a fault or since its token was taken, and the token endpoint could not tell
 * whether it lives. An endpoint that is in trouble, or does not answer, has not shown that.
 */
function isLiedAbout({ calls, requests, plan }: History, { id, tokenTakenAt }: Client): boolean {
  const canTell = tellsLife(plan)
  return calls.some(({ verb, code, process, at, endedAt = Infinity }) => {
    if (verb !== 'delete' || code !== undefined) return false
    const sent = requests.filter((it) => it.process === process && it.at >= at && it.at <= endedAt)
    const isDenied = sent.some(
      ({ method, client_id, isFaulty, status = 0 }) =>
        method === 'GET' && client_id === id && (isFaulty || tokenTakenAt !== undefined) && denialStatuses.has(status),
    )
    const isUntold = sent.some(
      ({ endpoint, isFaulty, status = 0 }) => endpoint === 'token' && isFaulty && status !== 429 && status < 500,
    )
    return isDenied && (isUntold || !canTell)
  })
}

const denialStatuses: ReadonlySet<number> = new Set([400, 401, 404, 410])

/** Whether no process heard the answer to a request, or the one that did died before it saved what ends the operation. */
function isLost({ store, plan, calls }: History, request: SentRequest, id: string | undefined): boolean {
  const { process, answeredAt, isUnanswered, isFaulty } = request
  if (answeredAt === undefined || isUnanswered || isFaulty) return true
  // A start over meanwhile knows nothing of the request.
  const isOfStartOver = ({ askedAt }: StoreOperation): boolean =>
    calls.some(
      (it) =>
        (it.verb === 'forget' || it.verb === 'recover') &&
        it.process === process &&
        it.at <= askedAt &&
        askedAt <= (it.endedAt ?? Infinity),
    )
  const isAnnounced = ({ value }: StoreOperation): boolean => {
    const { intent } = viewOf(value) ?? {}
    return intent !== undefined && intent.id === id && intent.lease > 0
  }
  const isSaved = store.operations.some(
    (it) =>
      it.process === process &&
      it.operation === 'save' &&
      it.askedAt >= answeredAt &&
      it.appliedAt !== undefined &&
      // A process that died before it heard of this save had not come to the one that names the client.
      it.acknowledgedAt !== undefined &&
      // Another verb has put back what the store lost, and announces the request with it.
      !isAnnounced(it) &&
      !isOfStartOver(it),
  )
  return process.isDead && !isSaved && plan.seed !== undefined
}

/** Whether the maker of a client died while a hanging store owed it the answer to its save, for no longer than a call waits. */
function diedSaving({ store, befallen, plan }: History, { process, made }: SentRequest): boolean {
  const diedAt = befallen.findLast((it) => it.process === process && it.what === 'process ends')?.at ?? Infinity
  return store.operations.some(
    (it) =>
      it.process === process &&
      it.operation === 'save' &&
      made.includes(viewOf(it.value)?.client?.client_id ?? '') &&
      it.failed === undefined &&
      it.acknowledgedAt === undefined &&
      it.askedAt <= diedAt &&
      diedAt <= it.askedAt + plan.options.timeout,
  )
}

/** Whether the world ended while the process that had made a client was about to save it. */
const isJustMade = (
  { endedAt, plan }: History,
  { process, answeredAt = 0 }: SentRequest,
  { intent }: RecordView,
  id: string | undefined,
): boolean => !process.isDead && intent?.id === id && endedAt - answeredAt < plan.options.timeout

/** The intent that the sender of a request had announced last. */
const announcedBy = ({ store }: History, { process, at }: SentRequest): string | undefined =>
  viewOf(
    store.operations.findLast((it) => it.process === process && (it.appliedAt ?? Infinity) <= at && isOwnIntent(it))
      ?.value,
  )?.intent?.id

/** Whether an intent still stands in the record, or somebody was told of it. */
const isNoted = ({ shown }: History, { intent, listed }: RecordView, id: string): boolean =>
  intent?.id === id ||
  listed.some((it) => it.intent === id) ||
  shown.some(({ type, text }) => type === 'orphan' && text.includes(id))

/** Whether the store lost that a request was leaving, and has never shown it again, and the process that announced it is dead. */
function diedUnheard(history: History, { process }: SentRequest, id: string): boolean {
  const loss = lastLoss(history)
  const leaves = (value: string | undefined): boolean => {
    const { intent } = viewOf(value) ?? {}
    return intent?.id === id && intent.sent
  }
  const isLostToo = history.store.operations.some(
    (it) => it.process === process && (it.appliedAt ?? Infinity) <= loss && leaves(it.value),
  )
  const isBack = history.store.timeline.some((it) => it.at >= loss && leaves(it.value))
  return process.isDead && isLostToo && !isBack
}

/** Whether a save brought its intent into the record; other saves leave the one that they find. */
const isOwnIntent = ({ value, before }: StoreOperation): boolean => {
  const id = viewOf(value)?.intent?.id
  return id !== undefined && id !== viewOf(before)?.intent?.id
}

/** Whether the store went back after the process saved a record that names another client: it has not heard of that yet. */
function wentBackSince(history: History, { process, at, client_id }: SentRequest): boolean {
  const claim = history.store.operations.findLast(
    (it) => it.process === process && it.operation === 'save' && (it.appliedAt ?? Infinity) <= at,
  )
  return (
    claim?.appliedAt !== undefined &&
    lastLoss(history, at) >= claim.appliedAt &&
    viewOf(claim.value)?.client?.client_id !== client_id
  )
}

function noDeletionOfTheClientInUse(history: History): Violation | undefined {
  const { requests, calls } = history
  for (const request of requests) {
    const { method, client_id, stored, at, process } = request
    if (method !== 'DELETE' || client_id === undefined || viewOf(stored)?.client?.client_id !== client_id) continue
    if (calls.some((call) => call.verb === 'delete' && call.process === process && call.at <= at)) continue
    if (wentBackSince(history, request)) continue
    return { at, what: `${process.name} sends DELETE for ${client_id}, which the record names` }
  }
  return undefined
}

/**
 * When a process started over on purpose, and until when. A caller that leaves ends nothing: what has begun goes on, for as long
 * as a call may take.
 */
const startOvers = ({ calls, plan }: History): { process: SimulatedProcess; at: number; until: number }[] =>
  calls
    .filter(({ verb, at, endedAt }) => (verb === 'forget' || verb === 'recover') && endedAt !== at)
    .map(({ process, at, endedAt = Infinity, leftAt }) => ({
      process,
      at,
      until: leftAt === undefined ? endedAt : endedAt + leaseOf(plan) + plan.options.timeout,
    }))

const leaseOf = ({ options: { timeout } }: History['plan']): number => timeout + 10 * second

function savesGoForward(history: History): Violation | undefined {
  const { store, server } = history
  const onPurpose = startOvers(history)
  let before: StoredMoment | undefined
  for (const moment of store.timeline) {
    const { operation, at } = moment
    const [old, fresh] = [viewOf(before?.value), viewOf(moment.value)]
    const isAcknowledged = before?.operation?.acknowledgedAt !== undefined && before.operation.acknowledgedAt <= at
    before = moment
    if (operation === undefined || old === undefined || fresh === undefined || !isAcknowledged) continue
    const startsOver = onPurpose.some(
      (it) => it.process === operation.process && it.at <= operation.askedAt && operation.askedAt <= it.until,
    )
    if (old.revision !== undefined && fresh.revision !== undefined) {
      if (old.epoch !== fresh.epoch && !startsOver) return { at, what: `epoch ${fresh.epoch} follows ${old.epoch}` }
      if (old.epoch === fresh.epoch && fresh.revision <= old.revision)
        return { at, what: `revision ${fresh.revision} follows ${old.revision}` }
    }
    if (startsOver) continue
    // A process that remembers what a loss took puts it back, and lists what stood there meanwhile.
    if (remembersLoss(history, operation.process, at)) continue
    if (old.state === 'deleted' && fresh.state !== 'deleted')
      return { at, what: `${fresh.state} follows deleted, by ${operation.process.name}` }
    const order = compareCredentials(server.clients, old.client, fresh.client)
    if (order > 0 && !isDoubled(history, old.client, at) && !isSwap(old, fresh))
      return {
        at,
        what: `${operation.process.name} saves older credentials over newer ones of ${old.client?.client_id}`,
      }
  }
  return undefined
}

/** Whether the secret beside the stored one takes its place: where nobody can tell which is right, a report swaps them. */
const isSwap = (old: RecordView, { client }: RecordView): boolean =>
  old.client?.client_id === client?.client_id && old.candidate !== undefined && old.candidate === client?.client_secret

/** Whether the network doubled a request about a client, whose answers may come in another order than it was done. */
const isDoubled = ({ requests }: History, client: ClientView | undefined, before: number): boolean =>
  requests.some((it) => it.isDoubled && it.client_id === client?.client_id && it.at <= before)

/** Above 0: the first is newer; by when the server made the client, gave the secret, gave the token. */
function compareCredentials(clients: readonly Client[], a: ClientView | undefined, b: ClientView | undefined): number {
  if (a === undefined || b === undefined) return 0
  const [one, other] = [a, b].map(({ client_id }) => clients.find(({ id }) => id === client_id))
  if (one === undefined || other === undefined) return 0
  if (one !== other) return one.madeAt - other.madeAt
  const issued = (list: Client['secrets'], value: string | undefined): number | undefined =>
    list.find((it) => it.value === value)?.from
  const secrets = (issued(one.secrets, a.client_secret) ?? 0) - (issued(one.secrets, b.client_secret) ?? 0)
  const tokens = (issued(one.tokens, a.token) ?? 0) - (issued(one.tokens, b.token) ?? 0)
  if (a.client_secret === undefined || b.client_secret === undefined)
    return a.token === undefined || b.token === undefined ? 0 : tokens
  return a.token === undefined || b.token === undefined ? secrets : Math.max(secrets, tokens)
}

/** Whether the server made the first one's secret later than the second one's, for the same client. */
function hasYoungerSecret(
  clients: readonly Client[],
  { client_id, client_secret }: ClientView,
  b?: ClientView,
): boolean {
  const { secrets = [] } = clients.find(({ id }) => id === client_id && id === b?.client_id) ?? {}
  const madeAt = (secret: string | undefined): number | undefined => secrets.find((it) => it.value === secret)?.from
  return (madeAt(client_secret) ?? 0) > (madeAt(b?.client_secret) ?? Infinity)
}

function fewRegistrationsAnHour(history: History): Violation | undefined {
  const { requests, processes } = history
  const loss = lastLoss(history)
  if (isBroughtBack(history, Infinity)) return undefined
  // An hour is measured by the sender's clock.
  const drift = Math.max(...processes.map((it) => Math.abs(it.drift)))
  const onPurpose = startOvers(history)
  // A start over has happened when it is saved, at the latest.
  const startedOver = decidedIn(history.store.timeline)
  const period = (at: number): number =>
    onPurpose.filter((it) => it.at <= at).length +
    onPurpose.filter(({ until }) => until <= at).length +
    startedOver.filter((it) => it <= at).length
  const counted = requests.filter(
    (it) =>
      it.endpoint === 'register' &&
      it.at > loss &&
      it.isRefused !== true &&
      // Somebody has to sign in first, and is not made to wait after that.
      it.isPage !== true &&
      it.retryAfter === undefined &&
      // 501 says that nothing of the kind is done there (RFC 9110 section 15.6.2).
      (it.status === undefined || it.status < 300 || (it.status >= 500 && it.status !== 501)),
  )
  for (const number of new Set(counted.map(({ at }) => period(at)))) {
    const within = counted.filter(({ at }) => period(at) === number)
    // A server's clock is known to two seconds, and to a process that has not heard of it for days by what it hears next.
    const most = hour * (1 - drift) - 2 * second
    const byTime = within
      .map((it) => ({ at: it.at, decidedAt: decidedAt(it, requests) }))
      .toSorted((a, b) => a.decidedAt - b.decidedAt)
    for (const [index, last] of byTime.entries()) {
      const first = byTime[index - 5]
      if (first === undefined || last.decidedAt - first.decidedAt >= most) continue
      const times = byTime.slice(index - 5, index + 1).map(({ at }) => at)
      const span = Math.max(...times) - Math.min(...times)
      if (span < most) return { at: Math.max(...times), what: `six registrations in ${duration(span)}` }
    }
  }
  return undefined
}

/** The moments when a start over was saved. */
const decidedIn = (timeline: readonly StoredMoment[]): number[] =>
  timeline
    .filter(({ value }, n) => (viewOf(value)?.decisions ?? 0) > (viewOf(timeline[n - 1]?.value)?.decisions ?? 0))
    .map(({ at }) => at)

/**
 * When it was decided that a POST may be sent: when it was announced, by the clock that its sender had then, and not by one that
 * was set back since. A repetition was decided with the first one.
 */
function decidedAt({ process, stored, serverTime }: SentRequest, requests: readonly SentRequest[]): number {
  const { intent } = viewOf(stored) ?? {}
  if (intent === undefined) return serverTime
  const first = requests.find(
    (it) => it.process === process && it.endpoint === 'register' && viewOf(it.stored)?.intent?.id === intent.id,
  )
  return Math.max(first?.serverTime ?? serverTime, intent.startedAt || -Infinity)
}

function restAfterTheStorm({ rest, mendedAt, isExhausted, endedAt }: History): Violation | undefined {
  if (isExhausted) return undefined
  const [hanging] = rest.hanging
  if (hanging)
    return {
      at: mendedAt + 5 * minute,
      what: `${hanging.verb}() of ${hanging.process.name} from ${duration(hanging.at)} has not ended`,
    }
  if (rest.unrest !== undefined) return { at: mendedAt + 5 * minute, what: rest.unrest }
  if (rest.wrong !== undefined && rest.excuse === undefined) return { at: endedAt, what: rest.wrong }
  return undefined
}

function nobodyIsBusy({
  processes,
  requests,
  calls,
  store,
  befallen,
  isExhausted,
  endedAt,
  plan,
}: History): Violation | undefined {
  for (const process of processes) {
    const sweeps = calls.filter((it) => it.verb === 'sweep' && it.process === process)
    const during = (at: number): boolean => sweeps.some((it) => it.at <= at && at <= (it.endedAt ?? Infinity))
    const sent = requests.filter((it) => it.process === process && it.endpoint !== 'discovery' && !during(it.at))
    const all = crowded(
      sent.map(({ at }) => at),
      60,
    )
    if (all !== undefined) return { at: all, what: `${process.name} makes more than 60 requests in a minute` }
    // Three observations within a short `forgetDelay` are what its owner asked for; else every question counts.
    const hasTime = plan.options.forgetDelay >= minute
    const hasMoved = befallen.some(({ what }) => what === 'server moves its endpoints')
    // Where a token endpoint was, and is no more, a question reaches nobody; it is asked once more where that is now.
    const counts = ({ method, endpoint, status }: SentRequest): boolean =>
      method !== 'GET' && (endpoint !== 'token' || (hasTime && !(hasMoved && status === 404)))
    const changing = crowded(
      sent.filter(counts).map(({ at }) => at),
      10,
    )
    if (changing !== undefined)
      return { at: changing, what: `${process.name} makes more than 10 requests in a minute that are no GET` }
    const stored = crowded(
      store.operations.filter((it) => it.process === process && !during(it.askedAt)).map(({ askedAt }) => askedAt),
      200,
    )
    if (stored !== undefined)
      return { at: stored, what: `${process.name} calls the store more than 200 times in a minute` }
  }
  // Days of looking at a store every few seconds fill a world too; only what goes on without a pause is wrong.
  const lately = store.operations.filter(({ askedAt }) => askedAt > endedAt - 10 * minute).length
  return isExhausted && lately > 1000 ? { at: endedAt, what: 'more happens than a world may take' } : undefined
}

/** The moment when more than so many have come within a minute. */
function crowded(times: readonly number[], most: number): number | undefined {
  return times.find((at, index) => at - (times[index - most] ?? -Infinity) < minute)
}

function credentialsLive(history: History): Violation | undefined {
  for (const { call, at, value, serverTime } of handedOut(history)) {
    const end = (value.client_secret_expires_at ?? 0) * 1000
    const hasEnded = end > 0 && end <= serverTime - second && end <= epoch + at - second
    if (hasEnded && couldRenew(history, call, at))
      return {
        at,
        what: `${call.verb}() of ${call.process.name} hands out a secret that ended ${duration(serverTime - end)} before`,
      }
    const known = isBroughtBack(history, at) || isForked(history, at) ? undefined : newestKnown(history, call)
    const newest = known?.client
    if (known !== undefined && wasSwappedIn(history, at, known, value)) continue
    if (known !== undefined && isOvertaken(history, call.process, at, known, value)) continue
    const mine: ClientView = {
      client_id: value.client_id,
      client_name: undefined,
      client_secret: value.client_secret,
      token: value.registration_access_token,
      secretEnd: undefined,
    }
    const { clients } = history.server
    // A record that a store shows again after it went back may have the older token; its younger secret counts.
    if (lastLoss(history, at) >= 0 && hasYoungerSecret(clients, mine, newest)) continue
    if (newest !== undefined && !isDoubled(history, newest, at) && compareCredentials(clients, newest, mine) > 0)
      return {
        at,
        what: `${call.verb}() of ${call.process.name} hands out older credentials of ${value.client_id} than this process knew of ${newest.client_id}`,
      }
  }
  return undefined
}

/** All credentials that calls handed out, and when. */
function handedOut({ calls }: History): { call: Call; at: number; value: Credentials; serverTime: number }[] {
  return calls.flatMap((call) => {
    if (!handsOut.has(call.verb)) return []
    const { value, endedAt, serverTime } = call
    return endedAt !== undefined && isCredentials(value) ? [{ call, at: endedAt, value, serverTime }] : []
  })
}

/** Whether nothing stood in the way of another secret, which would have lived. */
function couldRenew({ plan, requests, store, calls, befallen }: History, call: Call, at: number): boolean {
  const { secretLife = 0 } = plan.server
  if (secretLife < 10 * minute || call.verb === 'reportRejected' || call.leftAt !== undefined) return false
  const since = Math.max(0, at - hour - 2 * minute)
  const isTroubled = requests.some(
    (it) =>
      (it.answeredAt ?? Infinity) >= since &&
      it.at <= at &&
      (it.isFaulty || it.isUnanswered || it.answeredAt === undefined || (it.status ?? 0) >= 300),
  )
  const posts = requests.filter((it) => it.endpoint === 'register' && it.at >= since && it.at <= at).length
  const isStoreTroubled = store.operations.some(
    (it) => it.askedAt >= since && it.askedAt <= at && it.failed !== undefined,
  )
  const isOpen = store.timeline.some((it) => it.at >= since && it.at <= at && viewOf(it.value)?.intent !== undefined)
  const startsOver = calls.some(
    (it) => (it.verb === 'forget' || it.verb === 'recover' || it.verb === 'delete') && it.at <= at,
  )
  return (
    !isTroubled &&
    !isStoreTroubled &&
    !isOpen &&
    posts < 3 &&
    !startsOver &&
    !befallen.some((it) => it.at <= at && it.what.startsWith('store'))
  )
}

/** The credentials of the newest revision that a process had heard of before a call began: of the last epoch, where there are several. */
function newestKnown({ store, calls, plan }: History, call: Call): RecordView | undefined {
  if (calls.some((it) => (it.verb === 'recover' || it.verb === 'forget') && it.at <= (call.endedAt ?? Infinity)))
    return undefined
  let newest: RecordView | undefined
  // No call waits longer for the store, and what the store says later is not heard.
  const most = Math.min(plan.options.timeout, 5 * second)
  for (const { process, askedAt, acknowledgedAt, value } of store.operations) {
    if (process !== call.process || acknowledgedAt === undefined || acknowledgedAt > call.at) continue
    if (acknowledgedAt - askedAt >= most) continue
    const view = viewOf(value)
    // An older release knows nothing of a newer release's record.
    if (view?.client === undefined || view.isNewer) continue
    if (view.epoch !== newest?.epoch || (view.revision ?? 0) >= (newest?.revision ?? 0)) newest = view
  }
  return newest
}

/**
 * Whether the secret in use came by a swap: where nobody can tell which secret is right, a report of this process or another
 * takes the one that stood beside the stored one, in a newer record than this process knew, whatever stands beside it since then.
 */
function wasSwappedIn({ store }: History, at: number, known: RecordView, used: Credentials): boolean {
  return store.timeline.some((moment, index) => {
    const [before, after] = [viewOf(store.timeline[index - 1]?.value), viewOf(moment.value)]
    if (moment.at > at || before === undefined || after?.client === undefined || !isSwap(before, after)) return false
    const { client_id, client_secret } = after.client
    const isUsed = client_id === used.client_id && client_secret === used.client_secret
    return isUsed && after.epoch === known.epoch && (after.revision ?? 0) > (known.revision ?? 0)
  })
}

/**
 * Whether the store had gone back, and a process without knowledge of that has saved since, above the revision that this process
 * remembers, or in another epoch; what the store loses after this process has heard of that changes nothing. The order is in the record, and a look at the management address shows the newer secret to a
 * process that is refused.
 */
function isOvertaken(
  history: History,
  process: SimulatedProcess,
  at: number,
  known: RecordView,
  used: Credentials,
): boolean {
  return history.store.operations.some(({ process: by, acknowledgedAt = Infinity, value }) => {
    if (by !== process || acknowledgedAt > at || lastLoss(history, acknowledgedAt) === -Infinity) return false
    const { client, epoch: from, revision = 0 } = viewOf(value) ?? {}
    const isUsed = client?.client_id === used.client_id && client?.client_secret === used.client_secret
    return isUsed && (from !== known.epoch || revision > (known.revision ?? 0))
  })
}

/** The codes of errors that end a `watch()`, as documented. */
const endsWatching = new Set([
  'invalid-request',
  'policy',
  'deleted',
  'deleting',
  'missing',
  'newer-schema',
  'store-corrupt',
  'store-denied',
  'closed',
  'forgotten',
])

function callsEnd(history: History): Violation | undefined {
  const { calls, plan, endedAt: over, befallen, store } = history
  const { timeout, forgetDelay } = plan.options
  const lease = leaseOf(plan)
  const progress = progressIn(store.timeline)
  for (const call of calls) {
    const { process, verb, at } = call
    if (verb === 'watch') {
      if (call.endedAt === undefined || call.leftAt !== undefined) continue
      const isClosed = calls.some(
        (it) => it.verb === 'close' && !it.leftBefore && it.process === process && it.at <= (call.endedAt ?? 0),
      )
      if (isClosed && call.code === undefined) continue
      if (call.code === undefined || !endsWatching.has(call.code))
        return { at: call.endedAt, what: `watch() of ${process.name} ended: ${call.code ?? 'without an error'}` }
      continue
    }
    const most: Partial<Record<Call['verb'], number>> = {
      ensure: lease + timeout,
      rotate: lease + timeout,
      read: lease + timeout,
      delete: lease + timeout,
      authentication: lease + timeout,
      reportRejected: forgetDelay + timeout,
      close: timeout,
    }
    const bound = most[verb]
    if (bound === undefined) continue
    if (call.endedAt === undefined && (process.isDead || process.pausedUntil > over)) continue
    const ended = call.endedAt ?? over
    const began = verb === 'close' ? at : Math.max(at, lastProgress(progress, process, ended))
    // Time is counted in steps of a second, and each may be two late.
    const slack = 3 * second + (process.wasLate ? 10 * second + 2 * bound : 0) + (process.stood - call.stood) * 1.05
    if (ended - began > bound * 1.03 + slack)
      return {
        at: ended,
        what: `${verb}() of ${process.name} took ${duration(ended - began)}${call.endedAt === undefined ? ' and goes on' : ''}`,
      }
  }
  const stray = befallen.find(({ what }) => what === 'nobody could catch an error')
  return stray && { at: stray.at, what: `${stray.process?.name} rejects what nobody can catch` }
}

const isSame = (a: RecordView | undefined, b: RecordView | undefined | null): boolean =>
  a === b ||
  (b !== null && a?.declaration === b?.declaration && JSON.stringify(a?.client) === JSON.stringify(b?.client))

/** The moments that brought other credentials, or another declaration. */
function progressIn(timeline: readonly StoredMoment[]): StoredMoment[] {
  let known: RecordView | undefined | null = null
  return timeline.filter(({ value }) => {
    const before = known
    known = viewOf(value)
    return !isSame(known, before)
  })
}

/** When another process last brought such a moment. */
const lastProgress = (progress: readonly StoredMoment[], process: SimulatedProcess, before: number): number =>
  progress.findLast(({ at, operation }) => at <= before && operation?.process !== process)?.at ?? 0

function deletedStaysDeleted(history: History): Violation | undefined {
  const { calls } = history
  const loss = lastLoss(history)
  const startsOver = calls.filter(({ verb }) => verb === 'forget' || verb === 'recover').map(({ at }) => at)
  for (const told of calls) {
    const { endedAt } = told
    const hasDeleted = told.verb === 'delete' && told.code === undefined && endedAt !== undefined
    if (endedAt === undefined || (!hasDeleted && told.code !== 'deleted')) continue
    if (endedAt <= loss) continue
    const gone = namedBefore(history, told.process, endedAt)
    for (const { call, value, at } of handedOut(history)) {
      if (call.process !== told.process || call.at < endedAt || !gone.has(value.client_id)) continue
      if (startsOver.some((start) => start <= at)) continue
      return {
        at,
        what: `${call.process.name} was told that the registration is deleted, and is handed ${value.client_id} later`,
      }
    }
  }
  return undefined
}

/**
 * The clients of the record whose deletion a process had last heard of. A record of another epoch does not count: it was begun on
 * a store that had lost all, without a way to know what was deleted before.
 */
function namedBefore(history: History, process: SimulatedProcess, before: number): Set<string> {
  const { operations, timeline } = history.store
  const loss = lastLoss(history)
  const heard = operations.flatMap((it) =>
    it.process === process && it.askedAt <= before ? (viewOf(it.value) ?? []) : [],
  )
  const deleted = heard.findLast(({ state }) => state === 'deleted' || state === 'deleting')
  return new Set(
    timeline.flatMap(({ value, at }) => {
      const { client, epoch: from } = viewOf(value) ?? {}
      const isOf = deleted === undefined || from === deleted.epoch
      return at > loss && at <= before && isOf && client ? [client.client_id] : []
    }),
  )
}

const secretive = /(?:secret|token|private)-[0-9a-f]{12}/
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

function nothingSecretIsShown({ shown }: History): Violation | undefined {
  for (const { at, text, what, type, process } of shown) {
    if (secretive.test(text))
      return { at, what: `${what} ${type} of ${process.name} shows a secret: ${text.slice(0, 300)}` }
    if (control.test(text)) return { at, what: `${what} ${type} of ${process.name} shows a control character` }
  }
  return undefined
}

function noReplacementWithoutReason(history: History): Violation | undefined {
  return replacedAlive(history) ?? believedDead(history)
}

function replacedAlive(history: History): Violation | undefined {
  const { store, server, calls, requests, plan, befallen } = history
  if (plan.server.approvesAfter !== undefined || plan.server.nodesLearnAfter > 0 || plan.options.keys) return undefined
  let before: StoredMoment | undefined
  for (const moment of store.timeline) {
    const [old, fresh] = [viewOf(before?.value), viewOf(moment.value)]
    before = moment
    if (moment.operation === undefined || old?.client === undefined || fresh?.client === undefined) continue
    if (old.client.client_id === fresh.client.client_id || old.declaration !== fresh.declaration) continue
    const { at } = moment
    // A process that remembers gives a store that went back what it has lost.
    if (remembersLoss(history, moment.operation.process, at)) continue
    const client = server.client(old.client.client_id)
    // Another route is preferred to the one that it came by.
    if (isUnregistered(fresh.client) && plan.options.routes?.prefer !== undefined) continue
    if (
      client === undefined ||
      old.client.secretEnd !== undefined ||
      client.secrets.some(({ value, until }) => value === old.client?.client_secret && until <= at) ||
      (client.goneAt ?? Infinity) <= at ||
      (client.deletedAt ?? Infinity) <= at
    )
      continue
    if (client.tokenTakenAt !== undefined) continue
    // A rotation that the network did twice has brought a token that nobody heard of; or the store has lost it.
    const ended = client.tokens.find(({ value, until }) => value === old.client?.token && until <= at)
    const isLostToken = ended && (isDoubled(history, old.client, at) || lastLoss(history, at) >= ended.until)
    if (isLostToken && (!tellsLife(plan) || outlastsSilence(history, client.id, at))) continue
    const isTouched = befallen.some(
      (it) => it.client_id === client.id && (it.what === 'operator disables' || it.what === 'operator makes a secret'),
    )
    if (isTouched) continue
    if (
      calls.some(
        (it) =>
          (it.verb === 'forget' || it.verb === 'recover' || it.verb === 'rotate' || it.verb === 'delete') &&
          it.at <= at,
      )
    )
      continue
    // A server that goes on saying what is not so can't be told from one that has forgotten.
    const denials = requests
      .filter(
        (it) =>
          it.isFaulty && it.endpoint !== 'register' && it.at <= at && (it.status ?? 0) >= 400 && (it.status ?? 0) < 500,
      )
      .map((it) => it.at)
    const { forgetDelay } = plan.options
    const hasGoneOn = denials.length > 2 && Math.max(...denials) - Math.min(...denials) >= forgetDelay * 0.95
    if (hasGoneOn || (forgetDelay === 0 && denials.length > 0)) continue
    if (calls.some((it) => it.process === moment.operation?.process && it.code === 'policy')) continue
    const { isFirst } = { isFirst: client.secrets[0]?.value === old.client.client_secret }
    if (old.client.client_secret !== undefined && !isFirst) continue
    // An update that nobody heard the answer of has given it a secret that nobody knows.
    const { token_endpoint_auth_method: method = 'client_secret_basic' } = client.metadata
    if (old.client.client_secret === undefined && String(method).startsWith('client_secret')) continue
    return { at, what: `${old.client.client_id}, which lives, is replaced by ${fresh.client.client_id}` }
  }
  return undefined
}

/** Whether the management address denied three times over `forgetDelay`, since both token questions were last answered (R12). */
function outlastsSilence({ requests, plan }: History, id: string, before: number): boolean {
  const sent = requests.filter((it) => it.at <= before)
  const asked = sent.filter(({ endpoint }) => endpoint === 'token')
  const silent = new Set(asked.filter((it) => it.isFaulty || it.isUnanswered).map(({ at }) => at))
  const since = Math.max(-Infinity, ...asked.map(({ at }) => at).filter((at) => !silent.has(at)))
  const denied = sent
    .filter((it) => it.method === 'GET' && it.client_id === id && it.at > since && denialStatuses.has(it.status ?? 0))
    .map((it) => it.at)
  return denied.length > 2 && Math.max(...denied) - Math.min(...denied) >= plan.options.forgetDelay * 0.95
}

function believedDead({ calls, server, plan, requests }: History): Violation | undefined {
  const { deniesUnknownWith, deniesSecretWith, deniesManagementWith, isManaged } = plan.server
  if (plan.options.ownProof || plan.options.keys || plan.options.isPublic) return undefined
  for (const { verb, value, rejected, endedAt, at, process } of calls) {
    if (verb !== 'reportRejected' || endedAt === undefined || !isCredentials(value) || rejected === undefined) continue
    if (value.client_id !== rejected.client_id || value.client_secret !== rejected.client_secret) continue
    const client = server.client(value.client_id)
    const goneAt = Math.min(client?.goneAt ?? Infinity, client?.deletedAt ?? Infinity)
    const secret = client?.secrets.find((it) => it.value === value.client_secret)
    const isGone = goneAt < at - 2 * minute
    const isDead = isGone || (secret !== undefined && secret.until < at - 2 * minute)
    const canTell = isGone
      ? isDenial(plan.server, deniesUnknownWith) || (isManaged && [401, 404, 410].includes(deniesManagementWith.status))
      : isDenial(plan.server, deniesSecretWith)
    // A call that comes while others wait for the same shares what they have asked, since the first of them came.
    const began = Math.min(
      ...calls
        .filter((it) => it.verb === verb && it.process === process && it.at <= at && (it.endedAt ?? Infinity) >= at)
        .filter((it) => JSON.stringify(it.rejected) === JSON.stringify(rejected))
        .map((it) => it.at),
    )
    const within = (from: number): SentRequest[] =>
      requests.filter(
        (it) => it.process === process && it.at <= endedAt && (it.at >= from || (it.answeredAt ?? Infinity) >= at),
      )
    // What another verb has changed meanwhile is no question.
    const own = within(began).filter(({ endpoint, method }) => endpoint === 'token' || method === 'GET')
    // A call that asks nothing goes by what others were told within a minute.
    const asked = own.length > 0 ? own : within(at - minute)
    // Half of its time is for the other witness.
    const other = asked.find(({ endpoint }) => endpoint === 'manage')
    const isSlow = other !== undefined && other.at - (asked[0]?.at ?? 0) > plan.options.timeout * 0.45
    const isTroubled = isSlow || asked.some((it) => it.isFaulty || it.isUnanswered || it.answeredAt === undefined)
    if (isDead && canTell && !isTroubled && client?.isDisabled !== true)
      return {
        at: endedAt,
        what: `reportRejected() of ${process.name} hands back ${value.client_id}, which is dead, though that can be found out`,
      }
  }
  return undefined
}

function patience(history: History): Violation | undefined {
  const { requests, calls, processes, befallen } = history
  for (const process of processes) {
    const isAway = process.slept > 0 && (process.clockOff !== 0 || process.drift !== 0)
    if (isAway || befallen.some((it) => it.what === 'clock is stepped' && it.process === process)) continue
    const startsOver = calls.filter((it) => it.process === process && (it.verb === 'forget' || it.verb === 'recover'))
    const sent = requests.filter((it) => it.process === process && it.endpoint !== 'discovery')
    for (const asked of sent) {
      if (asked.retryAfter === undefined || asked.answeredAt === undefined || asked.isUnanswered) continue
      const until = asked.answeredAt + Math.min(asked.retryAfter, hour) * 0.98 - 1.5 * second
      const early = sent.find(
        (it) =>
          (it.endpoint === asked.endpoint || (isOfClients(it) && isOfClients(asked))) &&
          it.at > (asked.answeredAt ?? 0) &&
          it.at < until &&
          !startsOver.some(({ at, endedAt = Infinity }) => endedAt >= asked.at && at <= it.at),
      )
      if (early)
        return {
          at: early.at,
          what: `${process.name} asks again ${duration(until - early.at)} before the instant that the server named (${asked.endpoint})`,
        }
    }
    const startedOver = calls.filter(({ verb }) => verb === 'forget' || verb === 'recover')
    const looked = requests.filter((it) => it.process === process && it.endpoint === 'discovery')
    const failure = hastyRepetition(sent, startedOver, history.store.operations, looked)
    if (failure) return failure
  }
  return undefined
}

/** A wait at the token endpoint binds nobody elsewhere: the other witness is asked. */
const isOfClients = ({ endpoint }: SentRequest): boolean => endpoint === 'register' || endpoint === 'manage'

/** Requests of one kind under one intent: an operation, with the repetition that belongs to it. */
interface Operation {
  intent: string | undefined
  client_id: string | undefined
  at: number
  last: SentRequest
  times: number
}

function operationsIn(
  rows: readonly SentRequest[],
  looked: readonly SentRequest[],
  saves: readonly StoreOperation[],
): Operation[] {
  const operations: Operation[] = []
  for (const request of rows) {
    const intent = viewOf(request.stored)?.intent?.id
    const before = operations.at(-1)
    const isOne = intent !== undefined && before?.intent === intent
    if (
      before &&
      (isOne ||
        isOneAnnouncement(before.last, request, saves) ||
        (followsMove(before.last, request, looked) && !wasAnnouncedAnew(before.last, request, saves)))
    ) {
      before.last = request
      before.times++
    } else operations.push({ intent, client_id: request.client_id, at: request.at, last: request, times: 1 })
  }
  return operations
}

/** Whether the sender announced the first request, and nothing else since, whatever the store shows by now. */
function isOneAnnouncement(
  before: SentRequest,
  { process, at }: SentRequest,
  saves: readonly StoreOperation[],
): boolean {
  const announced = saves.flatMap((it) => {
    const { id } = viewOf(it.value)?.intent ?? {}
    return it.process === process && it.operation === 'save' && id !== undefined ? [{ id, askedAt: it.askedAt }] : []
  })
  const last = announced.findLast(({ askedAt }) => askedAt <= before.at)
  return (
    last !== undefined && announced.every(({ id, askedAt }) => askedAt <= before.at || askedAt > at || id === last.id)
  )
}

/** Whether an endpoint had moved, and the server has said where to since: one operation, though the store lost its intent. */
const followsMove = (before: SentRequest, { at }: SentRequest, looked: readonly SentRequest[]): boolean =>
  movedStatuses.has(before.status ?? 0) &&
  looked.some((it) => it.at >= (before.answeredAt ?? Infinity) && (it.answeredAt ?? Infinity) <= at)

/** Whether something was announced between two requests: a new operation is announced before it is sent. */
const wasAnnouncedAnew = (
  before: SentRequest,
  { process, at }: SentRequest,
  saves: readonly StoreOperation[],
): boolean =>
  saves.some(
    (it) =>
      it.process === process &&
      it.operation === 'save' &&
      it.askedAt > before.at &&
      it.askedAt <= at &&
      viewOf(it.value)?.intent !== undefined,
  )

const movedStatuses: ReadonlySet<number> = new Set([301, 302, 307, 308, 404, 405, 410])

/** How often a request may be sent in one operation: once more after a refused token, a nonce, a move, or a look. */
const mostRepetitions = 3

/**
 * After the n-th failure in a row comes a gap of at least half of 1, 2, 4 ... 60 s. A start over on purpose, by whatever process,
 * takes with it what was written down of failures.
 */
function hastyRepetition(
  sent: readonly SentRequest[],
  startsOver: readonly Call[],
  saves: readonly StoreOperation[],
  looked: readonly SentRequest[],
): Violation | undefined {
  for (const method of ['POST', 'PUT']) {
    const rows = sent.filter((it) => it.method === method && it.endpoint !== 'token')
    const operations = operationsIn(rows, looked, saves)
    let failures = 0
    let before: Operation | undefined
    for (const operation of operations) {
      const { at, last, times, client_id } = operation
      const { name } = last.process
      if (times > mostRepetitions) return { at, what: `${name} sends ${method} ${times} times in one operation` }
      const isRowOver = startsOver.some((it) => it.at <= at && (it.endedAt ?? Infinity) >= (before?.at ?? 0))
      // A successful registration begins every row of failures anew.
      const isMadeAnew =
        method === 'PUT' && sent.some((it) => it.made.length > 0 && it.at <= at && it.at >= (before?.at ?? 0))
      if (before?.client_id !== client_id || isRowOver || isMadeAnew) failures = 0
      if (before?.last.answeredAt !== undefined && failures > 0) {
        const gap = at - before.last.answeredAt
        const demanded = Math.min(60, 2 ** (failures - 1)) * second * 0.5
        const isFree = method === 'POST' && (before.last.status === 401 || before.last.status === 400)
        const isOnPurpose = startsOver.some((it) => it.at <= at && it.at >= (before?.at ?? 0) - minute)
        if (!isFree && !isOnPurpose && gap < demanded * 0.95)
          return { at, what: `${name} repeats ${method} after ${duration(gap)}, its failure ${failures} in a row` }
      }
      if (isOutdated(last, saves)) continue
      // A success that breaks off counts as one for an update: what it brought is looked at.
      const isBroken = last.isUnanswered && (method === 'POST' || last.status === undefined)
      const isRefused = isBroken || last.answeredAt === undefined || (last.status ?? 0) >= 300
      const hasFailed = isRefused && !(method === 'PUT' && wasFoundMade(last, saves))
      failures = hasFailed ? failures + 1 : 0
      before = operation
    }
  }
  return undefined
}

/** Whether a request was denied with a token that the record no longer held, which says nothing of the token that it holds. */
function isOutdated(
  { status = 0, token, client_id, answeredAt = Infinity }: SentRequest,
  saves: readonly StoreOperation[],
): boolean {
  if (token === undefined || !denialStatuses.has(status)) return false
  const applied = saves.filter((it) => (it.appliedAt ?? Infinity) <= answeredAt)
  const newest = applied.toSorted((a, b) => (a.appliedAt ?? 0) - (b.appliedAt ?? 0)).at(-1)
  const { client } = viewOf(newest?.value) ?? {}
  return client?.client_id === client_id && client?.token !== token
}

/** Whether a later look has shown that an update was made: its sender saved that, with no open intent any more. */
function wasFoundMade({ process, at, stored }: SentRequest, saves: readonly StoreOperation[]): boolean {
  const own = saves.filter((it) => it.operation === 'save' && it.process === process && it.appliedAt !== undefined)
  // The store may have gone back since the sender announced it.
  const [before, after] = [
    viewOf(own.findLast((it) => it.askedAt <= at)?.value ?? stored),
    own
      .filter((it) => it.askedAt > at)
      .map(({ value }) => viewOf(value))
      .find((view) => view?.intent === undefined),
  ]
  return (
    before?.client !== undefined &&
    before.client.client_id === after?.client?.client_id &&
    (before.declaration !== after.declaration || before.client.client_secret !== after.client.client_secret)
  )
}

/** Whether a store that shows old values has shown a process what was lost since, which the process brings back. */
function wasShownNewer({ store }: History, { process, at, stored }: Call): boolean {
  const { epoch: of, revision = 0 } = viewOf(stored) ?? {}
  return store.operations.some((it) => {
    const shown = it.process === process && it.askedAt < at ? viewOf(it.value) : undefined
    return shown?.epoch !== undefined && shown.epoch === of && (shown.revision ?? 0) > revision
  })
}

/** Whether its process fell asleep after a call: work that the call left behind goes on when the process wakes up. */
const fellAsleepAfter = ({ befallen }: History, { process, endedAt = Infinity }: Call): boolean =>
  befallen.some(
    (it) =>
      (it.what === 'process sleeps' || it.what === 'process pauses') &&
      it.process === process &&
      it.at >= endedAt &&
      it.at <= endedAt + minute,
  )

function noRequestWithoutNeed(history: History): Violation | undefined {
  const { calls, requests, store, plan } = history
  for (const call of calls) {
    const { process, at, verb } = call
    const ended = call.endedAt ?? Infinity
    const looked = call.leftBefore ? ended + second : ended
    const others = calls.filter(
      (it) =>
        it !== call &&
        it.process === process &&
        it.at <= looked &&
        ((it.endedAt ?? Infinity) >= at - minute || fellAsleepAfter(history, it)),
    )
    if (others.length > 0) continue
    if (call.leftBefore) {
      const touched = store.operations.find(
        (it) => it.process === process && it.askedAt >= at && it.askedAt <= at + minute && it.askedAt <= looked,
      )
      const asked = requests.find(
        (it) => it.process === process && it.at >= at && it.at <= at + minute && it.at <= looked,
      )
      if (touched ?? asked)
        return {
          at,
          what: `${verb}() of ${process.name} with a signal that had aborted ${asked ? 'makes a request' : 'calls the store'}`,
        }
      continue
    }
    if ((verb !== 'ensure' && verb !== 'watch') || plan.options.keys) continue
    if (remembersLoss(history, process, at) || wasShownNewer(history, call)) continue
    const until = verb === 'watch' ? (call.yielded[0]?.at ?? ended) : ended
    const early = requests.find((it) => it.process === process && it.at >= at && it.at < until)
    if (early === undefined || !isGood(history, call, Math.max(early.serverTime, early.wall))) continue
    // A cached list may have hidden the record.
    const isHidden = store.operations.some(
      (it) =>
        it.process === process &&
        it.operation === 'load' &&
        it.askedAt >= at &&
        it.askedAt <= early.at &&
        it.value === undefined,
    )
    if (isHidden) continue
    // The record that the call looked at may not be the one that it began with.
    const hasChanged = store.timeline.some(
      (it) => it.at >= at && it.at <= early.at && it.operation?.process !== process,
    )
    if (!hasChanged)
      return {
        at: early.at,
        what: `${verb}() of ${process.name} sends ${early.method} to ${early.endpoint} first, although the record is good`,
      }
  }
  return undefined
}

/** Whether the record that a call began with leaves nothing to do by that time, and its process has nothing to bring into it. */
function isGood({ store, requests, plan }: History, { stored, process, at, declaration }: Call, now: number): boolean {
  const record = viewOf(stored)
  if (record?.client === undefined || record.state !== 'registered' || record.intent !== undefined || record.isSuspect)
    return false
  if (record.isDoubtful || record.isClosed) return false
  // What recover() was given may be something else than what is declared: the next start sees to that.
  const { declaredName = `Orders ${declaration}` } = record
  if (record.declaration === undefined || declaredName !== `Orders ${declaration}`) return false
  if (record.client.client_name !== `Orders ${declaration}`) return false
  // Which client it is depends on what the server offers, while that counts: for whoever agrees on the time.
  const { offersUntil = -Infinity } = record
  if (plan.options.routes && (offersUntil < now + second || !isTimeAgreed(plan))) return false
  const ends = Math.min(record.renewAt ?? Infinity, record.client.secretEnd ?? Infinity)
  if (ends < now + 10 * minute) return false
  const { unmanageableUntil = Infinity } = record
  if (unmanageableUntil < now + second || (unmanageableUntil < Infinity && !isTimeAgreed(plan))) return false
  if (store.operations.some((it) => it.process === process && it.failed !== undefined)) return false
  return !requests.some((it) => it.process === process && it.at < at && (it.isUnanswered || it.isFaulty))
}

const isTimeAgreed = ({ processes, incidents }: History['plan']): boolean =>
  processes.every(({ clockOff, drift }) => clockOff === 0 && drift === 0) &&
  !incidents.some(({ name }) => name === 'clock is stepped')

function thereIsAWayOut({ calls, store, plan }: History): Violation | undefined {
  for (const { verb, code, at, endedAt, process, leftAt } of calls) {
    if (
      (verb !== 'forget' && verb !== 'recover') ||
      code === undefined ||
      endedAt === undefined ||
      leftAt !== undefined
    )
      continue
    if (code === 'newer-schema' || code === 'closed') continue
    const used = store.operations.filter((it) => it.process === process && it.askedAt >= at && it.askedAt <= endedAt)
    // A store that takes longer than a call may is none that works.
    const isSound = ({ failed, askedAt, acknowledgedAt = Infinity }: (typeof used)[number]): boolean =>
      failed === undefined && acknowledgedAt - askedAt < plan.options.timeout
    if (used.every(isSound))
      return { at: endedAt, what: `${verb}() of ${process.name} throws ${code} although the store works` }
  }
  return undefined
}

function fewClientsAWeek(history: History): Violation | undefined {
  const { server, plan, calls, requests, store } = history
  const { secretLife } = plan.server
  if (lastLoss(history) > -Infinity || (secretLife !== undefined && secretLife < 7 * day)) return undefined
  if (
    server.clients.some(
      ({ goneAt, isDisabled, tokenTakenAt }) => goneAt !== undefined || isDisabled || tokenTakenAt !== undefined,
    )
  )
    return undefined
  // Processes whose clocks are days apart can't tell how long another declaration has been silent, if the server tells no time.
  if (!plan.server.tellsDate && !isTimeAgreed(plan)) return undefined
  const declarations = new Set(plan.processes.map(({ declaration }) => declaration)).size
  const onPurpose = calls.filter(
    ({ verb }) => verb === 'forget' || verb === 'recover' || verb === 'rotate' || verb === 'delete',
  ).length
  const most = (declarations > 1 ? 30 : 20) + onPurpose
  const made = requests
    .filter((it) => it.made.length > 0 && !it.isUnanswered && !it.isFaulty && it.answeredAt !== undefined)
    .map(({ at }) => at)
  const late = made.find((at, index) => at - (made[index - most] ?? -Infinity) < 7 * day)
  return late === undefined || store.operations.some(({ failed }) => failed !== undefined && failed !== 'false')
    ? undefined
    : { at: late, what: `more than ${most} clients in a week` }
}

/** Whether a client was not registered here. */
const isUnregistered = ({ client_id }: ClientView): boolean => !client_id.startsWith('client-')

/** Where there is a client that need not be registered, from the beginning on, none is. */
function nothingIsRegisteredInVain(history: History): Violation | undefined {
  const { plan, requests } = history
  const { isByHand = false, hasDocument, prefer, takenFrom, takenUntil } = plan.options.routes ?? {}
  const isTaken = hasDocument === true && takenFrom === 0 && takenUntil === Infinity && !plan.options.isPublic
  if (prefer === 'dynamic' || !(isByHand || isTaken)) return undefined
  const sent = requests.find(({ endpoint, method }) => endpoint === 'register' && method === 'POST')
  return sent && { at: sent.at, what: `${sent.process.name} registers a client, and there is one already` }
}

/** No process here overwrites what a newer release wrote, in a layout that none here knows. */
function newerLayoutsStand({ store }: History): Violation | undefined {
  const over = store.timeline.findIndex(
    ({ operation }, index) => operation !== undefined && viewOf(store.timeline[index - 1]?.value)?.isNewer === true,
  )
  const { at, operation } = store.timeline[over] ?? {}
  if (at === undefined) return undefined
  return { at, what: `${operation?.process.name} saves over what a newer release wrote` }
}

const isCredentials = (value: unknown): value is Credentials =>
  typeof value === 'object' && value !== null && 'client_id' in value && typeof value.client_id === 'string'

/** A time that a person can read. */
export function duration(ms: number): string {
  if (ms < 10 * second) return `${Math.round(ms)} ms`
  if (ms < 10 * minute) return `${(ms / second).toFixed(1)} s`
  return ms < 10 * hour ? `${(ms / minute).toFixed(1)} min` : `${(ms / hour).toFixed(1)} h`
}
