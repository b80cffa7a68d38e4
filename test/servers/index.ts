export { canary, collectCanaries } from './canaries.ts'
export type { Canaries } from './canaries.ts'
export type { OidcProviderOptions } from './oidc-provider/configuration.ts'
export { startOidcProvider } from './oidc-provider/start.ts'
export type { OidcProviderServer } from './oidc-provider/start.ts'
export { startOidcProviderProcess } from './oidc-provider/start-process.ts'
export type { OidcProviderProcess } from './oidc-provider/start-process.ts'
export { startScriptedServer } from './scripted.ts'
export type { UsualOptions } from './scripted.ts'
export type {
  Answer,
  Endpoint,
  Registrar,
  Script,
  ScriptedServer,
  Scripts,
  SeenRequest as ScriptedRequest,
} from '@registrant/node/testing'
export type { SeenRequest, TestServer } from './test-server.ts'
export type { SimpleIdServerOptions } from './simple-id-server/host.ts'
export { startSimpleIdServer } from './simple-id-server/start.ts'
export type { SimpleIdServer } from './simple-id-server/start.ts'
