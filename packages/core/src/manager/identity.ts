import { platform } from '../platform.ts'

/** Whose registration it is: issuer as configured, application, and the instance where each has its own. */
export type Identity = readonly [issuer: string, application: string, ...instance: string[]]

/**
 * The key that a registration is stored under. Each part is preceded by its length, so that no two identities have one
 * text; hashed, so that it is a file name, a lock name and the name of a Kubernetes object.
 */
export const keyOf = (identity: Identity): Promise<string> =>
  sha256(identity.map((part) => `${part.length}:${part}`).join(''))

export async function sha256(text: string): Promise<string> {
  return Array.from(await platform.sha256(text), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
