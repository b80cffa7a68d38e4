import { platform } from '../platform.ts'

/**
 * Code that helps to deal with what has happened, if it comes: a page that is offline by now, or on a network that swallows
 * everything, must not wait for it.
 */
export async function ifSoon<Module>(loading: Promise<Module>): Promise<Module | undefined> {
  let cancel = (): void => undefined
  const over = new Promise<undefined>((resolve) => {
    cancel = platform.after(5000, () => resolve(undefined))
  })
  try {
    return await Promise.race([loading.catch(() => undefined), over])
  } finally {
    cancel()
  }
}
