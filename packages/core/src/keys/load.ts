import type * as Signing from 'jose/jws/compact/sign'
import type * as Making from 'jose/key/generate/keypair'

import { load } from '../load.ts'

export type { JWK } from 'jose'

/** What makes keys. Of jose its parts, by name: a process loads a third of the files that way. */
export const loadMaking = async (): Promise<typeof Making> => load(import('jose/key/generate/keypair'))

/** What signs with keys: with the first signature, not before. */
export const loadSigning = async (): Promise<typeof Signing> => load(import('jose/jws/compact/sign'))
