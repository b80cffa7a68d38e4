import { tokenRequest } from '@registrant/core/exchange'
import type { AuthorizationServer, ClientAuthentication, ClientProof } from '@registrant/node'

/** What a token endpoint answered. */
export interface TokenAnswer {
  status: number
  body: Record<string, unknown>
  headers: Headers
}

/** Asks for a token with a proof that is already made, so that it can be altered, kept or used twice. */
export async function ask(
  server: AuthorizationServer,
  proof: ClientProof,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const request = tokenRequest(server, { grant_type: 'client_credentials' }, proof)
  const { url, method, body = '' } = request
  const answer = await fetch(url, { method, headers: { ...request.headers, ...headers }, body })
  return { status: answer.status, body: JSON.parse(await answer.text()), headers: answer.headers }
}

/** Asks for a token as the client that `authentication` proves. */
export async function askAs(
  clientId: string,
  authentication: ClientAuthentication,
  server: AuthorizationServer,
): Promise<TokenAnswer> {
  return ask(server, await authentication({ clientId, server }))
}
