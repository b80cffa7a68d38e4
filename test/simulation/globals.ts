import type { Platform } from '../../packages/core/src/platform.ts'
import { simulationSaw } from './taps.ts'
import { web } from './web.ts'

/** The platform of the world that runs now. */
let active: Platform | undefined

/** From now on the globals below are those of this world. */
export function useGlobalsOf(platform: Platform): void {
  active = platform
}

const platform = (): Platform => {
  if (active === undefined) throw new Error('No world runs')
  return active
}

class SimulatedDate extends Date {
  static override now(): number {
    return platform().now()
  }

  constructor(...given: [] | [value: number | string | Date]) {
    super(given[0] ?? platform().now())
  }
}

const calls = new Map<number, () => void>()
let called = 0

/**
 * The globals that libraries use by themselves: time and chance, as the world has them, and a web platform that costs little. A
 * bundle uses these in place of the real ones.
 */
const taken = {
  ...web,
  simulationSaw,
  Date: SimulatedDate,
  Math: Object.assign(Object.create(Math), { random: () => platform().random() }),
  setTimeout(task: () => void, ms = 0): number {
    const number = ++called
    calls.set(
      number,
      platform().after(ms, () => {
        calls.delete(number)
        task()
      }),
    )
    return number
  },
  clearTimeout(number: number): void {
    calls.get(number)?.()
    calls.delete(number)
  },
}

const simulated = { ...taken, globalThis: Object.assign(Object.create(globalThis), taken) }

/** The first line of a bundle. */
export const banner: string = `const { ${Object.keys(simulated).join(', ')} } = global.simulated`

Object.assign(globalThis, { simulated })
