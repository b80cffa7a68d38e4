// What is loaded when more than a first registration is needed.
export { deleteRegistration } from './delete.ts'
export { maintain } from './maintain.ts'
export { forget, recover } from './start-over.ts'
export { readStatus } from './status.ts'
export { housekeep, sweep } from './sweep.ts'
export { reportRejected } from './verify.ts'
export { watch } from './watch.ts'
