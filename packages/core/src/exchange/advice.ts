import type { Outcome } from '../errors.ts'

/** What a server's error code asks of whoever reads it; a code that is not here is judged by its status. */
const byCode: Readonly<Record<string, string>> = {
  invalid_redirect_uri: 'Change redirect_uris: scheme, host, or whether this kind of client may have any.',
  invalid_client_metadata: 'Change or leave out the member that it complains of.',
  invalid_software_statement: 'Get a fresh software statement from its issuer.',
  unapproved_software_statement: 'Ask the operator of the server to approve the software statement.',
  invalid_client: 'Check the client identifier, its secret and how it authenticates.',
  invalid_token: 'The token was not accepted; get a new one.',
  insufficient_scope: 'The token does not allow this; ask for one with the scope that the server wants.',
  invalid_scope: 'Ask for a scope that the server knows, or for none.',
  unauthorized_client: 'This client may not use that grant; have its registration changed.',
  unsupported_grant_type: 'The server does not know that grant.',
  invalid_dpop_proof: 'Check the clock of this machine, and whether a proxy changes the address.',
}

const otherCodes = new Set(
  'invalid_request invalid_grant access_denied request_denied server_error temporarily_unavailable use_dpop_nonce invalid_target slow_down authorization_pending expired_token'.split(
    ' ',
  ),
)

/** Whether it is a code of the specifications, and so no secret, even where a secret is as short as a word of it. */
export const isKnownCode = (error: string): boolean => Object.hasOwn(byCode, error) || otherCodes.has(error)

const byStatus: Readonly<Record<number, string>> = {
  401: 'The token was not accepted; get a new one.',
  403: 'The token does not allow this, or the operator does not.',
  405: 'The server does not support this.',
  409: 'It says that there is one already.',
  413: 'The request is too large.',
  415: 'It does not take this content type.',
  429: 'It asks to be left alone for a while.',
  503: 'It asks to be left alone for a while.',
}

/** One sentence: what to do about a refusal. */
export function advice({
  status,
  outcome,
  error = '',
  method,
}: {
  status: number
  outcome: Outcome
  error: string | undefined
  method: string
}): string {
  if (outcome === 'unknown') return 'It may have acted all the same; the request is not repeated.'
  if (Object.hasOwn(byCode, error)) return byCode[error] ?? ''
  if (status === 404) {
    return method === 'POST'
      ? 'The address may be wrong, or registration is switched off there.'
      : 'The address may be wrong; nothing is known to have been deleted.'
  }
  return byStatus[status] ?? 'Nothing was changed by it.'
}
