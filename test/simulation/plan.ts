import type { ServerBehaviour } from './behaviour.ts'
import { plainServer, servers } from './behaviour.ts'
import { Dice } from './dice.ts'
import type { Fault, Incident } from './faults.ts'
import { drawFaults } from './faults.ts'
import type { StoreEngine } from './engines.ts'
import { engines } from './engines.ts'

export const second = 1000
export const minute: number = 60 * second
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** The methods that are called. */
export type Verb =
  | 'ensure'
  | 'authentication'
  | 'status'
  | 'watch'
  | 'reportRejected'
  | 'sweep'
  | 'forget'
  | 'recover'
  | 'delete'
  | 'rotate'
  | 'read'
  | 'close'

/** One call, or several in a row. */
export interface PlannedCall {
  verb: Verb
  at: number
  /** How often, one after the other. */
  times: number
  /** A report of credentials that work. */
  isFalse?: boolean
  /** Whether the signal has aborted before, or aborts after so many milliseconds. */
  leaves?: 'before' | number
}

/** A process, or several of one kind. */
export interface PlannedProcess {
  name: string
  startsAt: number
  /** Until when it is called; then it is shut down, without `close()`. */
  endsAt: number
  /** Which of the declarations it has. */
  declaration: number
  generation: number | undefined
  clockOff: number
  drift: number
  /** Whether the token source of this process calls its manager. */
  callsBack: boolean
  calls: PlannedCall[]
}

/** What a client could be without registering, and from when until when the server takes its document. */
export interface Routes {
  isByHand: boolean
  hasDocument: boolean
  prefer: 'pre-registered' | 'metadata-document' | 'dynamic' | undefined
  takenFrom: number
  takenUntil: number
}

/** Everything that is decided before a world begins. What happens in it follows from this and from the seed. */
export interface Plan {
  seed: number
  server: ServerBehaviour
  engine: StoreEngine
  /** When everything that is broken is mended. */
  lasts: number
  /** Milliseconds that a request takes, at most, in good times. */
  latency: number
  options: {
    timeout: number
    forgetDelay: number
    overlap: number
    /** The metadata of the server are looked up, not given. */
    discovers: boolean
    /** There is a token source. */
    hasToken: boolean
    listens: boolean
    keys: boolean
    expectExisting: boolean
    isPublic: boolean
    /** The application proves its client by a certificate that the manager has not. */
    ownProof: boolean
    /** Other ways to a client than to register one. */
    routes: Routes | undefined
  }
  processes: PlannedProcess[]
  faults: Fault[]
  incidents: Incident[]
}

/** Draws a world. */
export function drawPlan(seed: number): Plan {
  const dice = new Dice(seed)
  const lasts = dice.pick([
    20 * second,
    2 * minute,
    2 * minute,
    10 * minute,
    10 * minute,
    hour,
    6 * hour,
    2 * day,
    9 * day,
  ])
  const { faults, incidents } = drawFaults(dice.fork('faults'), lasts)
  const options = {
    timeout: dice.pick([2 * second, 20 * second, 20 * second]),
    forgetDelay: dice.pick([second, minute, minute, minute, 0]),
    overlap: dice.pick([second, minute, hour, hour]),
    discovers: dice.chance(0.4),
    hasToken: dice.chance(0.3),
    listens: dice.chance(0.8),
    keys: dice.chance(0.3),
    expectExisting: dice.chance(0.03),
    isPublic: dice.chance(0.1),
    ownProof: false,
    routes: drawRoutes(dice.fork('routes'), lasts),
  }
  options.ownProof = !options.keys && !options.isPublic && dice.chance(0.06)
  const engine = dice.pick(engines)
  // The keys of a client that nobody registered are the application's.
  if (options.routes) options.keys = false
  // Keys that are written down in the record are used by a library, which takes real keys alone.
  options.keys &&= engine.hasKeys
  return {
    seed,
    server: drawServer(dice.fork('server'), lasts),
    engine,
    lasts,
    latency: dice.pick([1, 20, 200]),
    options,
    processes: drawProcesses(dice.fork('processes'), lasts, engine),
    faults,
    incidents,
  }
}

/** The same processes in a world in which nothing goes wrong: a plain server, right clocks, one release, callers who mean it. */
export function withoutFaults(plan: Plan): Plan {
  return {
    ...plan,
    server: plainServer,
    engine: { ...plan.engine, losesNotices: 0, cachesFor: 0 },
    faults: [],
    incidents: [],
    processes: plan.processes.map((it) => ({
      ...it,
      declaration: 0,
      generation: undefined,
      endsAt: Infinity,
      clockOff: 0,
      drift: 0,
      callsBack: false,
      calls: it.calls.map(({ verb, at }) => ({ verb, at, times: 1 })),
    })),
  }
}

/** In a few worlds a client need not be registered, always or for a while. */
function drawRoutes(dice: Dice, lasts: number): Routes | undefined {
  if (!dice.chance(0.06)) return undefined
  const isAlways = dice.chance(0.4)
  return {
    isByHand: dice.chance(0.3),
    hasDocument: dice.chance(0.8),
    prefer: dice.pick([undefined, undefined, 'metadata-document', 'metadata-document', 'pre-registered', 'dynamic']),
    takenFrom: isAlways ? 0 : dice.between(0, lasts),
    takenUntil: isAlways || dice.chance(0.5) ? Infinity : dice.between(0, lasts),
  }
}

function drawServer(dice: Dice, lasts: number): ServerBehaviour {
  const server = { ...dice.pick(servers) }
  if (dice.chance(0.2)) server.rotatesOnRead = !server.rotatesOnRead
  if (dice.chance(0.2)) server.rotatesOnUpdate = !server.rotatesOnUpdate
  if (dice.chance(0.2)) server.graceTime = dice.pick([second, minute])
  if (dice.chance(0.35))
    server.secretLife = dice.pick([-3 * hour, 0, 9 * second, lasts / 4, lasts, hour, 6 * hour, day, 8 * day])
  if (dice.chance(0.2)) server.updateRenewsSecret = !server.updateRenewsSecret
  if (dice.chance(0.1)) server.tellsDate = false
  if (dice.chance(0.1))
    server.cannotUpdate = dice.pick([undefined, { status: 404 }, { status: 405 }, { status: 403 }, { status: 302 }])
  if (dice.chance(0.1))
    server.cannotDelete = dice.pick([
      undefined,
      { status: 404 },
      { status: 405 },
      { status: 403 },
      { status: 503 },
      { status: 429 },
    ])
  if (dice.chance(0.06))
    server.cannotRead = dice.pick([{ status: 405 }, { status: 403 }, { status: 404 }, { status: 501 }])
  if (dice.chance(0.05)) server.approvesAfter = dice.pick([minute, hour])
  if (dice.chance(0.05)) server.nodesLearnAfter = dice.pick([second, minute])
  if (dice.chance(0.1))
    server.deniesManagementWith = dice.pick([
      { status: 401 },
      { status: 404 },
      { status: 403 },
      { status: 400, error: 'invalid_token' },
      { status: 410 },
    ])
  if (dice.chance(0.3)) server.updateBringsNoSecret = true
  return server
}

/** Which process runs which release, and when: one alone, a rollout, two side by side, a canary that is taken back. */
function drawProcesses(dice: Dice, lasts: number, engine: StoreEngine): PlannedProcess[] {
  const count = dice.chance(0.003) ? 50 : dice.pick([1, 2, 2, 3, 3, 4, 5])
  const release = dice.pick(['one', 'one', 'rollout', 'side by side', 'canary', 'roll back'] as const)
  const hasGenerations = dice.chance(0.3)
  const calls = count > 10 ? 1 : dice.pick([1, 2, 2, 3])
  const hasClocks = dice.chance(0.2)
  return Array.from({ length: count }, (_, index): PlannedProcess => {
    const declaration = release === 'one' ? 0 : index % 2 === 0 ? 0 : 1
    const turns = dice.between(0, lasts)
    const [startsAt, endsAt] =
      release === 'rollout' || release === 'roll back'
        ? (release === 'rollout') === (declaration === 0)
          ? [0, lasts]
          : [turns, Infinity]
        : release === 'canary' && declaration === 1
          ? [turns / 2, turns]
          : [dice.chance(0.6) ? dice.between(0, 50) : dice.between(0, lasts / 2), Infinity]
    const until = Math.min(lasts, endsAt)
    return {
      name: `p${index + 1}`,
      startsAt,
      endsAt,
      declaration,
      generation: hasGenerations ? declaration + 1 : undefined,
      clockOff:
        hasClocks && dice.chance(0.5) ? dice.pick([-3 * day, -hour, -2 * minute, 2 * minute, hour, 3 * day]) : 0,
      drift: hasClocks && dice.chance(0.3) ? dice.pick([-0.01, 0.001, 0.01]) : 0,
      callsBack: dice.chance(0.01),
      calls: drawCalls(dice, calls, startsAt, until, lasts, count > 10 ? { ...engine, hasChanged: false } : engine),
    }
  })
}

const verbs: readonly Verb[] = [
  'ensure',
  'ensure',
  'ensure',
  'ensure',
  'ensure',
  'authentication',
  'authentication',
  'watch',
  'watch',
  'reportRejected',
  'reportRejected',
  'reportRejected',
  'status',
  'sweep',
  'forget',
  'recover',
  'delete',
  'rotate',
  'read',
  'close',
]

function drawCalls(
  dice: Dice,
  about: number,
  from: number,
  until: number,
  lasts: number,
  engine: StoreEngine,
): PlannedCall[] {
  // A watch over a store without `changed` looks every five seconds: too often for a long world.
  const canWatch = engine.hasChanged || lasts <= 2 * minute
  const calls: PlannedCall[] = [{ verb: canWatch && dice.chance(0.15) ? 'watch' : 'ensure', at: from, times: 1 }]
  const more = dice.below(about * 2)
  const isSoon = dice.chance(0.4)
  for (let index = 0; index < more; index++) {
    const verb = dice.pick(verbs)
    if ((verb === 'forget' || verb === 'recover' || verb === 'delete' || verb === 'close') && !dice.chance(0.4))
      continue
    if (verb === 'watch' && !canWatch) continue
    const at = isSoon ? dice.between(from, Math.min(until, from + 30 * second)) : dice.between(from, until)
    const isMany = (verb === 'authentication' || verb === 'reportRejected' || verb === 'ensure') && dice.chance(0.1)
    const leaves = dice.chance(0.06) ? 'before' : dice.chance(0.08) ? dice.between(0, 30 * second) : undefined
    calls.push({
      verb,
      at,
      times: isMany ? dice.pick([6, 6, 20]) : 1,
      ...(verb === 'reportRejected' && { isFalse: dice.chance(0.3) }),
      ...(leaves !== undefined && { leaves }),
    })
  }
  for (const call of calls) if (call.verb === 'watch' && call.leaves === 'before') delete call.leaves
  return calls.toSorted((a, b) => a.at - b.at)
}
