import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

/** What the processes of a torture save to. */
export const makeStore = (directory: string): RegistrationStore => fileStore(directory)
