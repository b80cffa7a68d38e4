export { storeConformance } from './conformance.ts'
export type { ConformanceCase } from './conformance.ts'
export { profileConformance } from './profile-conformance.ts'
export type { ServerAnswer, ServerBehaviour } from './server-behaviour.ts'
