export * from '@registrant/core/testing'
export { fileStoreOn } from './file-store-on.ts'
export { profileConformance } from './profile/conformance.ts'
export type { ServerAnswer, ServerBehaviour } from './profile/server-behaviour.ts'
export { storeTorture } from './store-torture.ts'
export type { TorturePlace } from './torture-store.ts'
export type { StoreTortureOptions, StoreTortureResult } from './store-torture.ts'
export type { Disk, FileFacts, OpenFile } from '../file-store/disk.ts'
export { startTestServer } from './server/start.ts'
export type { Answer, Endpoint, Script, SeenRequest } from './server/answer.ts'
export type {
  OidcProviderServer,
  OidcProviderServerOptions,
  RegisteredClient,
  Registrar,
  ScriptedServer,
  ScriptedServerOptions,
  Scripts,
  TestServer,
  TestServerOptions,
  Times,
  TlsOptions,
} from './server/options.ts'
