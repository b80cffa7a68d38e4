import { plainServer } from './behaviour.ts'
import { broken } from './invariants.ts'
import type { Plan } from './plan.ts'
import type { Simulated } from './world.ts'
import { runWorld } from './world.ts'

/** How many smaller worlds are tried at most. */
const most = 400

/** The smallest world near this one in which the same invariant breaks: without faults, calls and processes that play no part. */
export async function shrink(plan: Plan, invariant: string, simulated: Simulated): Promise<Plan> {
  let smallest = plan
  let tries = 0
  const breaks = async (candidate: Plan): Promise<boolean> => {
    tries++
    return broken(await runWorld(candidate, simulated), [invariant])[invariant] !== undefined
  }
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false
    for (const candidate of candidates(smallest)) {
      if (tries >= most) return smallest
      if (!(await breaks(candidate))) continue
      smallest = candidate
      isSmaller = true
      break
    }
  }
  return smallest
}

/** Worlds that are a step smaller; what takes away most comes first. */
function* candidates(plan: Plan): Generator<Plan> {
  const { faults, incidents, processes, server, options } = plan
  if (faults.length > 1) yield { ...plan, faults: [] }
  if (incidents.length > 1) yield { ...plan, incidents: [] }
  if (processes.length > 1)
    for (const it of processes) yield { ...plan, processes: processes.filter((other) => other !== it) }
  for (const it of faults) yield { ...plan, faults: faults.filter((other) => other !== it) }
  for (const it of incidents) yield { ...plan, incidents: incidents.filter((other) => other !== it) }
  for (const it of processes)
    for (const call of it.calls) {
      const fewer = (calls: Plan['processes'][number]['calls']): Plan => ({
        ...plan,
        processes: processes.map((other) => (other === it ? { ...it, calls } : other)),
      })
      if (it.calls.length > 1) yield fewer(it.calls.filter((other) => other !== call))
      if (call.leaves !== undefined) {
        const { leaves: _, ...stays } = call
        yield fewer(it.calls.map((other) => (other === call ? stays : other)))
      }
    }
  const plain: Partial<Plan['options']> = {
    hasToken: false,
    discovers: false,
    keys: false,
    isPublic: false,
    routes: undefined,
    expectExisting: false,
  }
  for (const [name, value] of Object.entries(plain)) {
    const changed: Plan = { ...plan, options: { ...options, [name]: value } }
    if (Reflect.get(options, name) !== value) yield changed
  }
  for (const [name, value] of Object.entries(plainServer)) {
    if (name === 'name' || JSON.stringify(Reflect.get(server, name)) === JSON.stringify(value)) continue
    const changed: Plan = { ...plan, server: { ...server, [name]: value } }
    yield changed
  }
}
