// What a page loads when a good record is not enough: the build makes one file of it and all that comes with it.
export { keeperOf } from './keeper.ts'
