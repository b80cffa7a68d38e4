import { servers } from './behaviour.ts'
import type { ServerBehaviour } from './behaviour.ts'
import { Dice } from './dice.ts'
import { engines } from './engines.ts'
import { incidentNames, stepFaults, steps, takeover } from './faults.ts'
import type { AimedFault, Fault, Incident, IncidentName, Step, StepFault } from './faults.ts'
import { drawPlan, minute, second } from './plan.ts'
import type { Plan, PlannedCall, Verb } from './plan.ts'

/** What a world aims at: a fault at a step, or a decision or a meaning that seldom comes up. */
type Cell = { fault: StepFault | IncidentName; step: Step } | { sight: string }

/** Faults that can't strike at a step, and why. */
export function impossible(fault: string, step: Step): string | undefined {
  if (fault === 'callback hangs' && step !== 'register' && step !== 'replace')
    return 'a token source is asked for a registration, which is announced before'
  if (fault === 'token endpoint proves nothing' && step === 'register')
    return 'there is no client to ask about, unless forget() comes between'
  if (step !== 'nothing stored') return undefined
  if (/^(?:operator|server (?:forgets|restores))/.test(fault)) return 'there is no client yet'
  if (fault === 'token endpoint proves nothing') return 'there is no client to ask about'
  if (fault === takeover) return 'there is nothing to take over'
  if (fault.startsWith('changed')) return 'nobody waits for a change of nothing'
  if (/^store (?:is damaged|is touched)$/.test(fault)) return 'nothing stands there'
  if (/^store (?:loses an acknowledgement|says false to its own save)$/.test(fault))
    return 'what was saved stands there'
  return undefined
}

/** What leads to a decision, or a meaning, that drawn worlds come to too seldom. */
interface Sight {
  step: Step
  answer?: AimedFault
  server?: Partial<ServerBehaviour>
  hasKeys?: true
  /** The processes declare the same under one generation after the other. */
  isNumbered?: true
}

const sights: Readonly<Record<string, Sight>> = {
  'action: renumber': { step: 'at rest', isNumbered: true },
  'action: publish-keys': { step: 'renew', hasKeys: true },
  'register: page': { step: 'register', answer: 'server shows a page' },
  'register: unusable': { step: 'register', answer: 'server widens' },
  'update: page': { step: 'update', answer: 'server shows a page' },
  'update: unusable': { step: 'update', answer: 'server widens' },
  'look: page': { step: 'look', answer: 'server shows a page' },
  'delete: astray': { step: 'delete', server: { cannotDelete: { status: 302 } } },
  'delete: page': { step: 'delete', answer: 'server shows a page' },
  'delete: not-sent': { step: 'delete', answer: 'connection is refused' },
  'delete a replaced one: astray': { step: 'replace', server: { cannotDelete: { status: 302 } } },
  'delete a replaced one: page': { step: 'replace', answer: 'server shows a page' },
  'delete a replaced one: not-sent': { step: 'replace', answer: 'connection is refused' },
}

/** All that can be aimed at. */
const cells: readonly Cell[] = [
  ...[...stepFaults, ...incidentNames].flatMap((fault) =>
    steps.filter((step) => impossible(fault, step) === undefined).map((step) => ({ fault, step })),
  ),
  ...Object.keys(sights).map((sight) => ({ sight })),
]

/** Cells that were added later, with seeds of their own, so that the seeds of the others mean what they meant. */
const laterCells: readonly Cell[] = steps
  .filter((step) => impossible(takeover, step) === undefined)
  .map((step) => ({ fault: takeover, step }))

/** The name under which a cell is counted. */
const nameOf = (cell: Cell): string => ('sight' in cell ? cell.sight : `fault: ${cell.fault} | ${cell.step}`)

/** Seeds from here on aim at the cells, one after the other, so often at each. */
const aimedFrom = 900_000_000
const aimsAtEach = 100_000
const laterFrom = 1_000_000_000

const cellAt = (of: readonly Cell[], at: number): Cell | undefined =>
  at >= 0 && at < of.length * aimsAtEach ? of[at % of.length] : undefined

/** The world of a seed. */
export function planOf(seed: number): Plan {
  const drawn = drawPlan(seed)
  const cell = cellAt(cells, seed - aimedFrom) ?? cellAt(laterCells, seed - laterFrom)
  return cell === undefined ? drawn : aimAt(drawn, cell, new Dice(seed).fork('aim'))
}

/** The seed of the `time`-th world that aims at a cell; of an ordinary world, where no cell has this name. */
export function seedFor(name: string, time: number): number {
  for (const [of, from] of [[cells, aimedFrom] as const, [laterCells, laterFrom] as const]) {
    const at = of.findIndex((cell) => nameOf(cell) === name)
    if (at >= 0) return from + at + time * of.length
  }
  return 300 + time
}

/** Every so many schedules of a run, an aimed one is added. */
const every = 32

/** Seeds in a row, with aimed ones among them. */
export function* withAims(seeds: Iterable<number>): Generator<number> {
  for (const seed of seeds) {
    yield seed
    if (seed % every === 0) yield aimedFrom + (((seed / every) * 7919) % (cells.length * aimsAtEach))
    if (seed % (every * 32) === 0) yield laterFrom + ((seed / every) % (laterCells.length * aimsAtEach))
  }
}

const managed = servers.filter(
  ({ isManaged, cannotUpdate, cannotRead, cannotDelete }) =>
    [cannotUpdate, cannotRead, cannotDelete].every((it) => it === undefined) && isManaged,
)

/** The calls that bring a record to a step. */
const ways: Readonly<Record<Step, readonly Verb[]>> = {
  'nothing stored': ['ensure', 'forget'],
  'at rest': ['ensure', 'authentication'],
  register: ['forget', 'ensure'],
  replace: ['rotate'],
  update: ['ensure', 'ensure'],
  renew: ['rotate'],
  look: ['read', 'reportRejected'],
  delete: ['delete', 'forget'],
}

/** A plan, changed so that its world meets a cell: few processes that do the same at the same time, at a server that lets them. */
function aimAt(plan: Plan, cell: Cell, dice: Dice): Plan {
  const sight = 'sight' in cell ? sights[cell.sight] : undefined
  const [name, step] = 'fault' in cell ? [cell.fault, cell.step] : [undefined, sight?.step ?? 'at rest']
  const needs = (kind: string): boolean => name?.startsWith(kind) === true
  const able = engines.filter(
    ({ hasChanged, hasExclusive, hasKeys }) =>
      (hasChanged || !needs('changed')) &&
      (hasExclusive || !needs('exclusive')) &&
      (hasKeys || sight?.hasKeys !== true),
  )
  const engine = { ...dice.pick(able), cachesFor: 0 }
  const lasts = 2 * minute
  return {
    ...plan,
    server: { ...dice.pick(managed), updateRenewsSecret: step === 'renew', ...sight?.server },
    engine,
    lasts,
    latency: 200,
    options: {
      timeout: 20 * second,
      forgetDelay: minute,
      overlap: second,
      discovers: step === 'nothing stored' || dice.chance(0.3),
      hasToken: needs('callback'),
      listens: true,
      keys: sight?.hasKeys === true,
      expectExisting: false,
      isPublic: false,
      ownProof: false,
      routes: undefined,
    },
    processes: [1, 2, 3].map((index) => ({
      name: `p${index}`,
      startsAt: index * 10,
      endsAt: Infinity,
      declaration: step === 'update' ? index % 2 : 0,
      generation: sight?.isNumbered ? index : undefined,
      clockOff: 0,
      drift: 0,
      callsBack: false,
      calls: callsFor(step, index, engine.hasChanged, dice),
    })),
    ...(name === undefined ? answersOf(sight, step, lasts) : strokes(name, step, lasts, dice)),
  }
}

/** The fault by which the server, or the network, gives a sight's answer half of the time. */
const answersOf = (sight: Sight | undefined, step: Step, lasts: number): Pick<Plan, 'faults' | 'incidents'> => ({
  faults:
    sight?.answer === undefined
      ? []
      : [{ name: sight.answer, chance: 0.5, from: 0, until: lasts, during: step === 'replace' ? undefined : step }],
  incidents: [],
})

function callsFor(step: Step, index: number, canWatch: boolean, dice: Dice): PlannedCall[] {
  const call = (verb: Verb, at: number): PlannedCall => ({
    verb,
    at,
    times: 1,
    ...(verb === 'reportRejected' && { isFalse: true }),
  })
  const rounds = [5, 25, 50, 80].map((at) => at * second)
  const others: readonly Verb[] = ['ensure', 'authentication', 'reportRejected', 'status']
  return [
    call(canWatch && index === 3 ? 'watch' : 'ensure', index * 10),
    ...rounds.flatMap((at) => [
      call(dice.pick(index === 1 ? ways[step] : [...ways[step], ...others]), at + dice.between(0, 50)),
      call(dice.pick(others), at + dice.between(50, 800)),
    ]),
  ]
}

/** The fault or the incidents of a cell, while the record is at the step, and the incidents that lead there. */
function strokes(
  name: StepFault | IncidentName,
  step: Step,
  lasts: number,
  dice: Dice,
): { faults: Fault[]; incidents: Incident[] } {
  const isStep = (it: string): it is StepFault => stepFaults.some((fault) => fault === it)
  const faults: Fault[] = isStep(name)
    ? [{ name, chance: dice.pick([0.3, 0.6, 1]), from: 0, until: lasts, during: step }]
    : []
  const incidents: Incident[] = isStep(name) ? [] : [1, 2].map(() => ({ name, at: 0, during: step }))
  // The store loses what is announced before it is done.
  if (step === 'nothing stored') incidents.push({ name: 'store loses all', at: 0, during: 'register' })
  // A manager whose deletion is denied asks the token endpoint.
  if (step === 'delete' && name === 'token endpoint proves nothing')
    incidents.push(
      { name: 'operator takes the token', at: 2 * second },
      { name: 'operator takes the token', at: 20 * second },
    )
  return { faults, incidents }
}
