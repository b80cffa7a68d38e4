import { expect, test } from 'vitest'

import { compile } from '../support/compile.ts'

const head = `
import type { AuthorizationServer, ClientAuthentication, RegistrationRequest, RegistrationResponse } from '@registrant/node'
import { RegistrationClient, RegistrationManager, memoryStore } from '@registrant/node'
import { checkRequest } from '@registrant/node/checks'
import { registrationRequest } from '@registrant/node/exchange'
import { hydra, simpleIdServer } from '@registrant/node/profiles'
import type * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'

declare const server: AuthorizationServer
declare const registered: RegistrationResponse
declare const theirs: oidc.ServerMetadata
declare const theirServer: oauth.AuthorizationServer
declare const theirClient: oauth.Client
declare const config: oidc.Configuration
declare const prove: ClientAuthentication
`

/** What people write who use one of these libraries beside ours: each stands alone, without a cast. */
const uses = `
export const serverForOpenIdClient: oidc.ServerMetadata = server
export const serverForOauth4webapi: oauth.AuthorizationServer = server
export const serverOfOpenIdClient: AuthorizationServer = theirs
export const serverOfOauth4webapi: AuthorizationServer = theirServer
export const serverOfConfiguration: AuthorizationServer = config.serverMetadata()
export const clientForOpenIdClient: oidc.ClientMetadata = registered
export const partForOpenIdClient: Partial<oidc.ClientMetadata> = registered
export const clientForOauth4webapi: oauth.Client = registered
export const configuration = new oidc.Configuration(server, registered.client_id, registered)
export const byHook: oidc.ClientAuth = async (as, { client_id }, body, headers) => {
  const { form = {}, headers: more = {} } = await prove({ clientId: client_id, server: as })
  for (const [name, value] of Object.entries(form)) body.set(name, value)
  for (const [name, value] of Object.entries(more)) headers.set(name, value)
}

const options = { application: 'orders', store: memoryStore(), metadata: {} }
await new RegistrationManager({ ...options, server: theirs }).recover(config.clientMetadata())
await new RegistrationManager({ ...options, server: theirServer }).recover(theirClient)
export const ofSimpleIdServer: oidc.ClientMetadata = await new RegistrationClient({ server, profile: simpleIdServer }).register({})
export const ofHydra: oauth.Client = await new RegistrationClient({ server, profile: hydra }).register({})

const constant = {
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  jwks: { keys: [{ kty: 'EC', key_ops: ['verify'], x5c: ['MII'] }] },
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'] } },
} as const
interface Own {
  redirect_uris: readonly string[]
  client_name: string
  scope?: string
}
declare const own: Own
const client = new RegistrationClient({ server })
for (const metadata of [constant, own]) {
  await client.register(metadata)
  await client.update(registered, metadata)
  new RegistrationManager({ ...options, server, metadata })
  checkRequest(metadata)
  registrationRequest(server, metadata)
}
export const declared: RegistrationRequest = constant
interface Extended extends RegistrationRequest {
  tenant: string
}
declare const extended: Extended
await new RegistrationClient<{ tenant: string }>({ server }).register(extended)
`

const compilers = ['typescript-5.4', 'typescript-6.0', 'typescript']

test.each(compilers.flatMap((compiler) => [true, false].map((exact) => [compiler, exact] as const)))(
  'what we return is what openid-client and oauth4webapi take, and the other way round: %s, exact optional members: %s',
  (compiler, exactOptionalPropertyTypes) => {
    const options = { exactOptionalPropertyTypes, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'] }
    const peers = ['openid-client', 'oauth4webapi']
    expect(compile(head + uses, { compiler, options, peers }).errors).toEqual([])
  },
  120_000,
)

test('a server that is none of theirs does not compile', () => {
  const wrong = `export const it: oidc.ServerMetadata = { ...server, issuer: 1 }`
  const { errors } = compile(head + wrong, { peers: ['openid-client', 'oauth4webapi'] })
  expect(errors.map((line) => /TS\d+/.exec(line)?.[0])).toEqual(['TS2322'])
})
