import type { Dice } from './dice.ts'

/** What can go wrong at a step: with a chance, each time that it could. */
export const stepFaults = [
  'process dies',
  'process pauses',
  'process sleeps',
  'timers are late',
  'store is slow',
  'store acknowledges late',
  'store loses an acknowledgement',
  'store applies what it said had failed',
  'store says false to its own save',
  'store shows old values',
  'store denies',
  'store can not be written',
  'store fails',
  'store hangs',
  'changed fails',
  'changed floods',
  'changed lies',
  'changed never comes',
  'exclusive admits two',
  'exclusive admits none',
  'request is lost',
  'answer is lost',
  'network delays',
  'request is doubled',
  'answer is cut off',
  'server refuses',
  'server fails',
  'server asks for patience',
  'server hangs',
  'token endpoint proves nothing',
  'caller leaves',
  'callback throws',
  'callback hangs',
] as const

/** Incidents: what befalls the world at a moment. */
export const incidentNames = [
  'clock is stepped',
  'store crashes',
  'store goes back',
  'store loses all',
  'store forks',
  'store is damaged',
  'store is touched',
  'keys are lost',
  'server forgets',
  'server restores a backup',
  'server moves its endpoints',
  'operator edits',
  'operator disables',
  'operator deletes',
  'operator takes the token',
  'operator makes a secret',
] as const

/** An incident for worlds in which two layouts of the record meet. */
export const takeover = 'newer release takes over'

/** The steps that a record may be at while a fault strikes. */
export const steps = ['nothing stored', 'at rest', 'register', 'replace', 'update', 'renew', 'look', 'delete'] as const

/** Answers that only aimed worlds know. */
export type AimedFault = 'server shows a page' | 'server widens' | 'connection is refused'
export type Step = (typeof steps)[number]
export type StepFault = (typeof stepFaults)[number]
export type IncidentName = (typeof incidentNames)[number] | typeof takeover

/** A fault that exists in a world: how likely it is at each step, and when. */
export interface Fault {
  name: StepFault | AimedFault
  chance: number
  from: number
  until: number
  /** It strikes only while the record is at this step. */
  during?: Step | undefined
}

export interface Incident {
  name: IncidentName
  /** When it happens; with `during`, from when on the record may be at that step. */
  at: number
  during?: Step | undefined
}

/**
 * Draws which faults exist: few at a time, each between seldom and often, for a while or all the time, so that pairs of rare ones
 * meet; in some worlds there is none.
 */
export function drawFaults(dice: Dice, lasts: number): { faults: Fault[]; incidents: Incident[] } {
  const share = dice.pick([0, 0.04, 0.06, 0.06, 0.1, 0.1, 0.15, 0.2])
  const faults: Fault[] = []
  for (const name of stepFaults) {
    if (!dice.chance(share)) continue
    const chance = dice.pick([0.03, 0.1, 0.1, 0.3, 0.3, 0.7, 1])
    const isAlways = dice.chance(0.4)
    const from = isAlways ? 0 : dice.between(0, lasts)
    faults.push({ name, chance, from, until: isAlways ? lasts : dice.between(from, lasts) })
  }
  const incidents: Incident[] = []
  for (const name of incidentNames) {
    if (!dice.chance(share)) continue
    const times = dice.pick([1, 1, 2, 3])
    for (let time = 0; time < times; time++) incidents.push({ name, at: dice.between(0, lasts) })
  }
  // No manager works while a newer release has the record, so few worlds have one.
  const own = dice.fork(takeover)
  if (share > 0 && own.chance(0.02)) incidents.push({ name: takeover, at: own.between(0, lasts) })
  return { faults, incidents }
}
