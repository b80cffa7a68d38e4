export type { ServerProfile } from './server-profile.ts'
export { simpleIdServer } from './simple-id-server.ts'
export type { SimpleIdServerRequest, SimpleIdServerResponse } from './simple-id-server.ts'
