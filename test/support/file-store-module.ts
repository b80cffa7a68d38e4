import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

/** The store that the processes of a torture save to. */
export const makeStore = (directory: string): RegistrationStore => fileStore(directory)
