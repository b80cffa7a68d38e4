import type { Keeping } from './keeping.ts'

/**
 * Runs a task inside the store's `exclusive` where it has one. Who is not let in before `entry` aborts, or finds the hint
 * broken, runs it outside: the lease decides then.
 */
export async function exclusively<T>(
  { store, key }: Keeping,
  task: (inside: boolean) => Promise<T>,
  entry: AbortSignal,
): Promise<T> {
  if (store.exclusive === undefined) return task(false)
  let entered = false
  try {
    const inside = (): Promise<T> => {
      entered = true
      return task(true)
    }
    return await store.exclusive(key, inside, entry)
  } catch (error) {
    if (entered) throw error
  }
  return task(false)
}
