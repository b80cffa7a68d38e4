import { load } from '../../load.ts'
import type * as Access from './manage.ts'

/** Loads the code for requests that need a token: to register where that takes one, and to read, update and delete a client. */
export const loadAccess = (): Promise<typeof Access> => load(import('./manage.ts'))
