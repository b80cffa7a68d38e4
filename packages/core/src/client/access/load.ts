import { load } from '../../load.ts'
import type * as Access from './manage.ts'

/** Loads what a token is needed for: to register where that takes one, and to read, update and delete a client. */
export const loadAccess = (): Promise<typeof Access> => load(import('./manage.ts'))
