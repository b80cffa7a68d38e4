// Compiled, never run: what does not compile stands under `@ts-expect-error`, which is an error itself where it compiles.
import { RegistrationManager as BrowserManager } from '@registrant/browser'
import { RegistrationClient, RegistrationManager, localized, memoryStore } from '@registrant/core'
import type {
  Changes,
  ClientMetadata,
  JsonValue,
  LocalizableMember,
  RegistrationRequest,
  RegistrationResponse,
  UpdateRequest,
} from '@registrant/core'
import type { DraftMetadata } from '@registrant/core/drafts'
import { hydra, keycloak, simpleIdServer } from '@registrant/core/profiles'
import type { registrationRequestSchema, registrationResponseSchema } from '@registrant/core/schema'
import { expectTypeOf } from 'vitest'

declare const response: RegistrationResponse
declare const request: RegistrationRequest
const server = { issuer: 'https://as.example' }
const client = new RegistrationClient({ server })

// Requests are closed.
// @ts-expect-error a misspelt member
void client.register({ redirect_uri: ['https://app.example/cb'] })
// @ts-expect-error a vendor's member without its profile
void client.register({ audience: ['https://api.example'] })
// @ts-expect-error a scope is one text
void client.register({ scope: ['openid'] })
// @ts-expect-error what only a server says
void client.register({ client_id: 'mine' })
// @ts-expect-error what only a server says
void client.register({ registration_access_token: 'mine' })
// @ts-expect-error closed when composing
void client.register({ application_type: 'browser' })
// @ts-expect-error closed when composing
void client.register({ backchannel_token_delivery_mode: 'pull' })
// @ts-expect-error an answer is no request: it says more than a client may
void client.register(response)
// @ts-expect-error a draft's member without its entry point
void client.register({ command_endpoint: 'https://app.example/commands' })
// @ts-expect-error a member that has no languages
void client.register({ 'scope#fr': 'lire' })
// @ts-expect-error words in some language are a list
void client.register({ 'keywords#fr': 'commandes' })

// Open sets take anything, members may be undefined, languages have the type of the member.
void client.register({ grant_types: ['urn:example:grant'], token_endpoint_auth_method: 'https://example.org/method' })
void client.register({ client_name: undefined, 'client_name#fr': 'Commandes', 'keywords#fr': ['commandes'] })
void client.register({ ...localized('client_name', { en: 'Orders' }), ...localized('keywords', { en: ['orders'] }) })
// @ts-expect-error a name is a text in every language
localized('client_name', { en: 1 })
// @ts-expect-error this member has no languages
localized('scope', { en: 'read' })

// An update.
void client.update(response, { client_name: 'Orders', contacts: null })
// @ts-expect-error the server's to say
void client.update(response, { client_secret_expires_at: 0 })
// @ts-expect-error the server's to say
void client.update(response, { client_id: 'other' })
expectTypeOf<UpdateRequest>().toExtend<RegistrationRequest>()
expectTypeOf<{ client_id: string; client_secret_expires_at: number }>().not.toExtend<Required<UpdateRequest>>()
// @ts-expect-error an update names its client
const nameless: UpdateRequest = { client_name: 'Orders' }
// @ts-expect-error the four members of RFC 7592 section 2.2 are not sent
const dated: UpdateRequest = { client_id: 'c1', client_secret_expires_at: 0 }
void [nameless, dated]

// What travels both ways is in both; an answer is open, and its unknown members are what JSON can say.
expectTypeOf<keyof ClientMetadata>().toExtend<keyof RegistrationRequest>()
expectTypeOf<RegistrationResponse>().toExtend<ClientMetadata>()
expectTypeOf(response['vendor']).toEqualTypeOf<JsonValue | undefined>()
expectTypeOf(response.application_type).not.toEqualTypeOf(request.application_type)
expectTypeOf(request.application_type).toEqualTypeOf<'web' | 'native' | undefined>()
expectTypeOf(response.client_secret_expires_at).toEqualTypeOf<number | undefined>()
expectTypeOf<Changes<RegistrationRequest>['scope']>().toEqualTypeOf<string | null | undefined>()
expectTypeOf(response['client_name#fr']).toEqualTypeOf<string | undefined>()
type Tagged<T> = T extends `${infer Name}#${string}` ? Name : never
expectTypeOf<Tagged<keyof ClientMetadata>>().toEqualTypeOf<LocalizableMember>()

// Profiles bring a vendor's members, in requests and in answers.
const byProfile = new RegistrationClient({ server, profile: hydra })
void byProfile.register({ audience: ['https://api.example'] })
// @ts-expect-error an administrator's to say
void byProfile.register({ skip_consent: true })
const registered = await byProfile.register({ owner: 'orders' })
expectTypeOf(registered.authorization_code_grant_id_token_lifespan).toEqualTypeOf<string | undefined>()
void new RegistrationClient({ server, profile: keycloak }).register({ backchannel_logout_revoke_offline_tokens: true })
// @ts-expect-error another vendor's
void new RegistrationClient({ server, profile: keycloak }).register({ audience: [] })
const page = await new RegistrationClient({ server, profile: simpleIdServer }).register({})
expectTypeOf(page.token_expiration_time_seconds).toEqualTypeOf<number | undefined>()

// Drafts and one's own members come as type parameters.
void new RegistrationClient<DraftMetadata>({ server }).register({ command_endpoint: 'https://app.example/commands' })
void new RegistrationClient<{ tenant: string }>({ server }).register({ tenant: 'orders' })

// The manager's declaration is a request too.
void new RegistrationManager({ server, application: 'a', store: memoryStore(), metadata: { client_name: 'Orders' } })
// @ts-expect-error a misspelt member
void new RegistrationManager({ server, application: 'a', store: memoryStore(), metadata: { clientname: 'Orders' } })

// Members that may be left out may be undefined, so that optional options can be spread.
const options = { application: 'a', store: memoryStore(), metadata: {} }
void new RegistrationManager({ ...options, issuer: 'https://as.example', server: undefined })
void new RegistrationManager({ ...options, server, issuer: undefined })
void new RegistrationClient({ issuer: 'https://as.example', server: undefined })
void new BrowserManager({ ...options, issuer: 'https://as.example', server: undefined, keepSecret: undefined })
// @ts-expect-error one server, named in one way
void new RegistrationClient({ issuer: 'https://as.example', server })
// @ts-expect-error has another name in a page
void new BrowserManager({ ...options, server, keepSecret: true })

// Schemas carry the types.
type Output<S extends { readonly '~standard': { readonly types?: { readonly output: unknown } | undefined } }> =
  NonNullable<S['~standard']['types']>['output']
expectTypeOf<Output<typeof registrationRequestSchema>>().toEqualTypeOf<RegistrationRequest>()
expectTypeOf<Output<typeof registrationResponseSchema>>().toEqualTypeOf<RegistrationResponse>()
