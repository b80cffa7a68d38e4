// What is loaded when a good record is not enough.
export { keeperOf } from './keeper.ts'
