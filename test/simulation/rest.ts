import { isDenial } from './behaviour.ts'
import type { Call, SentRequest } from './history.ts'
import { minute } from './plan.ts'
import type { Plan, PlannedProcess } from './plan.ts'
import { epoch } from './process.ts'
import type { SimulatedProcess } from './process.ts'
import { viewOf } from './record-view.ts'
import type { ClientView, RecordView } from './record-view.ts'
import { document } from './server.ts'
import type { ScriptedServer } from './server.ts'
import type { SimulatedStore } from './store.ts'

/** How things stand in a world that was mended a while ago. */
export interface Standing {
  plan: Plan
  server: ScriptedServer
  store: SimulatedStore
  requests: readonly SentRequest[]
  /** The processes that were ever started, and their plans. */
  running: readonly { process: SimulatedProcess; planned: PlannedProcess }[]
  /** The last calls, of all processes. */
  last: readonly Call[]
  now: number
}

/** What is not as it should be. */
export interface Problem {
  wrong: string
  /** Why `wrong` counts for nothing. */
  excuse: string | undefined
  /** It may come right all the same: there is more to be waited for. */
  goesOn: boolean
}

/** What is not as it should be, if anything; I5 reads it. */
export function problemIn(standing: Standing): Problem | undefined {
  const { plan, server, store, running, last, now } = standing
  const record = viewOf(store.value)
  if (record?.state === 'deleted') return undefined
  if (running.every(({ process }) => isGone(process, standing))) return undefined
  if (last.length > 0 && last.every(({ code }) => code === 'closed')) return undefined
  if (record?.state === 'deleting')
    return { wrong: 'a deletion does not come to an end', excuse: undefined, goesOn: true }
  const used = record?.client
  if (used === undefined) return failing('nobody has a client', last, ['missing'])
  const accepts = server.accepts(used.client_id, used.client_secret, now)
  const declared = names(standing)
  if (server.isUnregistered(used.client_id)) {
    if (used.client_id === document && !declared.includes(String(used.client_name)))
      return failing(otherThan(declared, used.client_name), last)
    return accepts ? undefined : failing('the secret in use is refused', last)
  }
  const client = server.client(used.client_id)
  if (client === undefined || !server.knows(used.client_id))
    return failing('the server does not know the client in use', last)
  const registered = client.metadata['client_name']
  if (!declared.includes(String(registered))) {
    const problem = failing(otherThan(declared, registered), last)
    const excuse = excuseFor(String(registered), used, record, declared, standing)
    return excuse === undefined ? problem : { ...problem, excuse, goesOn: false }
  }
  const { secretLife = Infinity } = plan.server
  if (now < client.worksFrom || secretLife < 10 * minute || plan.options.ownProof || plan.options.keys) return undefined
  if (!accepts) {
    const problem = failing('the secret in use is refused', last)
    return hasEndedUnseen(used, standing)
      ? { ...problem, excuse: 'it has ended, and no clock and no answer says so', goesOn: false }
      : problem
  }
  const failed = last.filter(({ code }) => code !== undefined && code !== 'closed')
  if (failed.length === 0) return undefined
  const problem = failing('calls fail', last)
  return failed.every((it) => isMisled(it, standing))
    ? { ...problem, excuse: 'by its clock each secret ends on arrival, and no answer tells the time', goesOn: false }
    : problem
}

/** Whether a process has ended, or its manager was closed. */
const isGone = (process: SimulatedProcess, { last }: Standing): boolean =>
  process.isDead || last.some((it) => it.process === process && it.code === 'closed')

/** The names that may be in force: of the highest generation that ever ran, if it came so far; else of the highest that lives. */
function names(standing: Standing): string[] {
  const { plan, running } = standing
  const living = running.filter(({ process }) => !isGone(process, standing))
  const newest = (of: Standing['running']): Standing['running'] => {
    const highest = Math.max(...of.map(({ planned }) => planned.generation ?? 0))
    return of.filter(({ planned }) => (planned.generation ?? 0) >= highest)
  }
  const hasNumbers = plan.processes.some(({ generation }) => generation !== undefined)
  return [...newest(living), ...(hasNumbers ? newest(running) : [])].map(
    ({ planned }) => `Orders ${planned.declaration}`,
  )
}

/** Whether a secret has ended though no clock there says so, no answer tells the time, and the server's refusal is no denial. */
function hasEndedUnseen({ secretEnd = Infinity }: ClientView, standing: Standing): boolean {
  const { server, running, now } = standing
  return (
    secretEnd <= epoch + now &&
    !server.behaviour.tellsDate &&
    !isDenial(server.behaviour, server.behaviour.deniesSecretWith) &&
    running.every(({ process }) => isGone(process, standing) || process.wall < secretEnd)
  )
}

/** Whether a process's clock is ahead by as long as a secret lives, and no answer says so: every secret looks ended to it. */
const isMisled = ({ process }: Pick<Call, 'process'>, { server, now }: Standing): boolean =>
  !server.behaviour.tellsDate && process.wall - (epoch + now) >= (server.behaviour.secretLife ?? Infinity)

const otherThan = (declared: readonly string[], name: unknown): string =>
  `the client in use is ${String(name)}, declared is ${declared.join(' or ')}`

/** A problem with the codes that calls threw, excused by the first of `excuses` among them: a person is told of that. */
function failing(wrong: string, last: readonly Call[], excuses: readonly string[] = ['suspect']): Problem {
  const codes = [...new Set(last.map(({ code }) => code))].filter((code) => code !== undefined && code !== 'closed')
  const excuse = excuses.find((code) => codes.includes(code))
  return { wrong: `${wrong}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`, excuse, goesOn: excuse === 'suspect' }
}

/** Why the client in use may have another declaration. */
function excuseFor(
  registered: string,
  { client_id, client_name }: ClientView,
  record: RecordView | undefined,
  declared: readonly string[],
  standing: Standing,
): string | undefined {
  const { requests, server, store, running } = standing
  if (registered === 'An operator was here') return 'an operator has edited it'
  // What the network doubled may be done again after what came later.
  if (requests.some((it) => it.isDoubled && it.method === 'PUT' && it.client_id === client_id))
    return 'the network has done an update twice'
  if (requests.some(({ made }) => made.filter((id) => id === client_id).length > 1))
    return 'the network has done a registration twice'
  // An update that was given up may arrive later, when its sender has looked, and is gone.
  const asked = requests.filter((it) => it.client_id === client_id)
  if (asked.some((it) => it.method === 'PUT' && (isLate(it) || isOvertaken(it, asked))))
    return 'an update that was given up has arrived later'
  // A server that knows clients again does the same by a registration (RFC 7591 section 3.2.1).
  const changing = requests.filter(({ made }) => made.includes(client_id))
  if (changing.some((it) => isLate(it) || isOvertaken(it, changing)))
    return 'a registration that was given up has arrived later'
  // The process that made the update is gone, and the store knows no more of it.
  const hasLoss = store.incidents.some(({ what }) => what !== 'touched')
  const isBelieved = [client_name, record?.declaredName].some((name) => declared.includes(String(name)))
  if (hasLoss && isBelieved) return 'the store has lost what was made of it'
  // No look can show what a registration that nobody heard of did to the client in use.
  const changed = changing.at(-1)
  if (!server.behaviour.isManaged && changed && (changed.isUnanswered || isGone(changed.process, standing)))
    return 'a registration whose answer was lost has changed it, and the server shows no client'
  // Each client has ended, or is replaced as one that has, before it could be updated, or before somebody could find out that none
  // can: who registers the next one, by what is in force or by what is declared, is chance.
  const { cannotUpdate, cannotRead, nodesLearnAfter, secretLife = Infinity } = server.behaviour
  const isReplacedAtOnce = running.some((it) => !isGone(it.process, standing) && isMisled(it, standing))
  if (cannotUpdate && cannotRead && (secretLife <= 10 * minute || isReplacedAtOnce))
    return 'no client lives until it is known that none can be updated'
  // Calls come minutes apart: none need come while each node knows the client and it has not ended.
  if (nodesLearnAfter > 0 && 2 * nodesLearnAfter >= secretLife)
    return 'no client lives for long once each node knows it, and could update it'
  return record?.isManageable === true ? undefined : 'it can not be managed'
}

/** Whether the sender died, and the server did this request after it had answered a later one of another process. */
const isOvertaken = ({ process, at, arrivedAt = 0 }: SentRequest, others: readonly SentRequest[]): boolean =>
  process.isDead && others.some((it) => it.process !== process && it.at >= at && (it.arrivedAt ?? Infinity) < arrivedAt)

/** Whether the server did a request after its sender had given it up. */
const isLate = ({ isUnanswered, arrivedAt, answeredAt }: SentRequest): boolean =>
  isUnanswered && arrivedAt !== undefined && answeredAt !== undefined && arrivedAt > answeredAt
