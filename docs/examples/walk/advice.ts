import { NotSupportedError, ServerRefusedError, TransportError } from '@registrant/node'
import type { AuthorizationServer, RegistrationError } from '@registrant/node'
import * as profiles from '@registrant/node/profiles'
import type { ServerProfile } from '@registrant/node/profiles'

import { profileOf } from './code.ts'
import type { Step } from './report.ts'
import type { ProfileName, Settings } from './settings.ts'

/** How endpoints of servers are spelled that spell them as nobody else does; the SDK itself never guesses. */
const spellings: readonly (readonly [name: ProfileName, endpoint: RegExp])[] = [
  ['keycloak', /\/realms\/[^/]+\/protocol\/openid-connect\//],
  ['hydra', /\/oauth2\/auth$/],
  ['communitySolidServer', /\/\.oidc\//],
  ['springAuthorizationServer', /\/connect\/register$/],
  ['betterAuth', /\/api\/auth\/oauth2\//],
]

/** Which server this looks like, where a profile for that is not given. */
export function lookalike(server: AuthorizationServer, { profile }: Settings): string | undefined {
  const endpoints = [server.authorization_endpoint, server.token_endpoint, server.registration_endpoint]
  const [name] = spellings.find(([, spelled]) => endpoints.some((it) => it !== undefined && spelled.test(it))) ?? []
  if (name === undefined || profile !== undefined) return undefined
  return `This looks like ${profileOf({ profile: name })?.name}: --profile ${name} knows what that does otherwise.`
}

/** What the error can't know: how this program is told, and which profiles know of such a thing. */
export function hint(step: Step, error: RegistrationError, settings: Settings): string | undefined {
  const { clientId, profile, initialAccessToken } = settings
  if (error instanceof TransportError && step === 'discover')
    return 'Is the server running, and is its address spelled right?'
  const known = (does: (profile: ServerProfile) => unknown): string | undefined =>
    profile === undefined ? knownTo(does) : undefined
  if (error instanceof NotSupportedError && error.code === 'no-registration-endpoint')
    return known(({ registrationEndpoint }) => registrationEndpoint)
  if (!(error instanceof ServerRefusedError)) return undefined
  if (step === 'register' && error.error === 'invalid_client')
    return 'Here these are --client-id, REGISTRANT_CLIENT_SECRET and --authentication.'
  if (step === 'register' && error.status === 401 && clientId === undefined)
    return initialAccessToken === undefined
      ? 'Not everybody may register there: name a client that may with --client-id, or put a token that does into REGISTRANT_INITIAL_ACCESS_TOKEN.'
      : 'Here it stands in REGISTRANT_INITIAL_ACCESS_TOKEN; some do for one registration alone.'
  if (step === 'register' && error.status === 400) return known(({ unknownMembers }) => unknownMembers === 'refused')
  if (step === 'read' && error.status >= 404) return known(({ managementUri }) => managementUri)
  if (step === 'update' || step === 'delete') return known(({ cannot }) => cannot?.[step])
  return undefined
}

/** Which profiles say that their server does so. */
export function knownTo(does: (profile: ServerProfile) => unknown): string | undefined {
  const all = Object.entries<ServerProfile>(profiles).filter(([, profile]) => does(profile))
  if (all.length === 0) return undefined
  return `If this is ${all.map(([name, profile]) => `${profile.name}, say --profile ${name}`).join('; if it is ')}.`
}
