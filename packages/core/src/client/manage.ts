import {
  configurationRequest,
  deletionRequest,
  readDeletion,
  updatedMetadata,
  updateRequest,
} from '../exchange/management.ts'
import { readRegistration } from '../exchange/registration.ts'
import type { HttpRequest } from '../model/http.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import type { ConfigurationOptions } from '../exchange/management.ts'
import type { AccessTokens } from './access-token.ts'
import type { Answered, ClientContext } from './context.ts'
import type { CallOptions } from './options.ts'
import { judgeRequest } from './preflight.ts'

/** Reads a registration (RFC 7592 section 2.1). */
export async function readClient(
  context: ClientContext,
  accessTokens: AccessTokens,
  current: RegistrationResponse,
  call?: CallOptions,
): Promise<Answered> {
  const signal = context.deadline(call)
  const server = await context.server(signal)
  const options = await managementOptions(context, accessTokens, server, signal)
  return exchangeAbout(context, server, signal, configurationRequest(server, current, options), current)
}

/** Replaces a client's metadata (RFC 7592 section 2.2). */
export async function updateClient(
  context: ClientContext,
  accessTokens: AccessTokens,
  current: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  call?: CallOptions,
): Promise<Answered> {
  const sent = updatedMetadata(current, changes, context.options.profile)
  const signal = context.deadline(call)
  const requireFit = await judgeRequest(context, sent, changes)
  const server = await context.server(signal)
  requireFit(server)
  const options = await managementOptions(context, accessTokens, server, signal)
  return exchangeAbout(context, server, signal, updateRequest(server, current, sent, options), current, sent)
}

/** Deletes a client at the server (RFC 7592 section 2.3). */
export async function deleteClient(
  context: ClientContext,
  accessTokens: AccessTokens,
  current: RegistrationResponse,
  call?: CallOptions,
): Promise<void> {
  const signal = context.deadline(call)
  const server = await context.server(signal)
  const options = await managementOptions(context, accessTokens, server, signal)
  const request = deletionRequest(server, current, options)
  const { profile } = options
  readDeletion(await context.send(request, { signal, inDoubt: 'unknown' }), { request, current, profile })
}

/** What a management request is made with; an access token where the profile says that this is what authorizes it. */
async function managementOptions(
  context: ClientContext,
  accessTokens: AccessTokens,
  server: AuthorizationServer,
  signal: AbortSignal,
): Promise<ConfigurationOptions> {
  const { profile, allowedOrigins } = context.options
  if (profile?.managementAuthorization !== 'access-token') return { profile, allowedOrigins }
  return { profile, allowedOrigins, accessToken: (await accessTokens.get(server, signal))?.access_token }
}

/** Sends a request about a client, and says what its answer makes of the registration. */
async function exchangeAbout(
  context: ClientContext,
  server: AuthorizationServer,
  signal: AbortSignal,
  request: HttpRequest,
  current: RegistrationResponse,
  sent?: RegistrationRequest,
): Promise<Answered> {
  const { profile, allowedOrigins } = context.options
  const answer = await context.send(request, { signal, inDoubt: 'unknown' })
  const reading = readRegistration(answer, { request, server, current, sent, profile, allowedOrigins })
  return context.answered(answer, reading)
}
