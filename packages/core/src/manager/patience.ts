import { StoreError } from '../errors.ts'
import { sleep } from './sleep.ts'

const pauses = [100, 300, 900]

/**
 * Tries to save what only this process knows a few times more than it would anything else.
 *
 * @throws {StoreError} it did not work, or no repetition would help; `store-unknown` if one of the tries may have worked
 */
export async function patiently<T>(saving: () => Promise<T>): Promise<T> {
  let doubt: unknown
  const attempt = (): Promise<T> =>
    saving().catch((error: unknown) => {
      if (error instanceof StoreError && error.code === 'store-unknown') doubt = error
      throw doubt ?? error
    })
  for (const pause of pauses) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'store-corrupt' || error.code === 'store-denied') throw error
      await sleep(pause)
    }
  }
  return attempt()
}
