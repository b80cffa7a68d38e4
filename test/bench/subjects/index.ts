import type { Subject } from '../subject.ts'
import { firstRegistration } from './first-registration.ts'
import { importSubject } from './import.ts'
import { memory } from './memory.ts'
import { pageSubject } from './page.ts'
import { records } from './records.ts'
import { registrationSubject } from './registration.ts'
import { startSubject } from './start.ts'
import { startersSubject } from './starters.ts'
import { types } from './types.ts'

/** All that is measured, in the order of the tables. */
export const subjects: readonly Subject[] = [
  importSubject,
  firstRegistration,
  registrationSubject(1, 1.5),
  registrationSubject(32),
  startSubject,
  memory,
  pageSubject('esbuild'),
  pageSubject('rolldown'),
  ...[1, 10, 100, 200, 1000].map(startersSubject),
  records,
  types,
]
