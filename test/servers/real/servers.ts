import { authhero } from './authhero.ts'
import { authlib, authlibCodes } from './authlib.ts'
import { betterAuth } from './better-auth.ts'
import { communitySolidServer } from './community-solid-server.ts'
import { glewlwyd } from './glewlwyd.ts'
import { hydra } from './hydra.ts'
import { keycloak } from './keycloak.ts'
import { mcpSdk } from './mcp-sdk.ts'
import { oidcProvider, oidcProviderManaged } from './oidc-provider.ts'
import type { RealServer } from './server.ts'
import { springConnect, springOauth2 } from './spring.ts'
import { workersOauthProvider } from './workers-oauth-provider.ts'

/** The servers that `npm run test:servers` knows, in the order of the table. */
export const servers: readonly RealServer[] = [
  oidcProvider,
  oidcProviderManaged,
  betterAuth,
  communitySolidServer,
  authhero,
  workersOauthProvider,
  mcpSdk,
  keycloak,
  hydra,
  springConnect,
  springOauth2,
  authlib,
  authlibCodes,
  glewlwyd,
]
