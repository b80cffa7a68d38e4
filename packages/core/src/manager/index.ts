/** The manager that knows no secret: what a page's manager extends. */
export { RegistrationManager } from './manager.ts'
export type { KeepingOptions, KeysOptions, ManagerOptions } from './options.ts'
export type { RegistrationStatus } from './maintain/status.ts'
export type { Waiting } from './maintain/waiting.ts'
