import type { ServerProfile } from '@registrant/node'
import type { ServerBehaviour } from '@registrant/node/testing'

import * as authhero from './authhero.ts'
import * as authlib from './authlib.ts'
import * as betterAuth from './better-auth.ts'
import * as communitySolidServer from './community-solid-server.ts'
import * as glewlwyd from './glewlwyd.ts'
import * as hydra from './hydra.ts'
import * as keycloak from './keycloak.ts'
import * as mcpSdk from './mcp-sdk.ts'
import * as oidcProvider from './oidc-provider.ts'
import * as simpleIdServer from './simple-id-server.ts'
import * as springAuthorizationServer from './spring-authorization-server.ts'
import * as workersOauthProvider from './workers-oauth-provider.ts'

/** Each profile by its name as an export, with what its server was seen to do. */
export const described: Readonly<Record<string, { profile: ServerProfile; behaviour: ServerBehaviour }>> = {
  authhero,
  authlib,
  betterAuth,
  communitySolidServer,
  glewlwyd,
  hydra,
  keycloak,
  mcpSdk,
  oidcProvider,
  simpleIdServer,
  springAuthorizationServer,
  workersOauthProvider,
}
