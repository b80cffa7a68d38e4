import { load as loadUnit } from '../load.ts'
import type * as Proofs from './secret-proofs.ts'

/** Loads the code that proves a client by its secret, for managers that may have one. */
export const load = (): Promise<typeof Proofs> => loadUnit(import('./secret-proofs.ts'))
