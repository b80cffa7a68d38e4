// What is loaded when more than a first registration is needed.
export { forget } from './clear-record.ts'
export { deleteRegistration } from './delete.ts'
export { maintain } from './maintain.ts'
export { recover } from './recover.ts'
export { readStatus } from './status.ts'
export { housekeep, sweep } from './sweep.ts'
export { reportRejected } from './verify.ts'
export { watch } from './watch.ts'
