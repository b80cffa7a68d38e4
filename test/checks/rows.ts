import type { RegistrationRequest } from '@registrant/node'
import { checkRequest } from '@registrant/node/checks'
import { expect, test } from 'vitest'

/** A request about which nothing can be said. */
export const good: RegistrationRequest = {
  redirect_uris: ['https://app.example/cb'],
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['authorization_code'],
  response_types: ['code'],
}

/** A client that never sends anybody anywhere. */
export const service: RegistrationRequest = {
  redirect_uris: [],
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['client_credentials'],
  response_types: [],
}

export const ciba = 'urn:openid:params:grant-type:ciba'

/** A client that is called when its user has answered. */
export const called: RegistrationRequest = {
  ...service,
  grant_types: [ciba],
  backchannel_token_delivery_mode: 'ping',
  backchannel_client_notification_endpoint: 'https://app.example/called',
}

/** The key of RFC 7515 appendix A.3. */
export const publicKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  use: 'sig',
}
export const jwks = { keys: [publicKey] }
export const jwks_uri = 'https://app.example/jwks'

/** A JWT whose signature nobody here looks at. */
export const jwt = (claims: object, header: object = { alg: 'ES256' }): string =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('c2ln')
    .join('.')

/** A rule, the member that it is found at, and what is laid over the request: what passes, and what no type may allow. */
export type Row = [rule: string, member: string, passes: RegistrationRequest, breaks: object]

/** Each row is a test: the one request passes, in the other the rule is found at the member. */
export function holds(level: 'MUST' | 'SHOULD', base: RegistrationRequest, rows: Row[]): void {
  test.each(rows)('%s %s', (rule, member, passes, breaks) => {
    expect(checkRequest({ ...base, ...passes }).filter((finding) => finding.rule === rule)).toEqual([])
    expect(checkRequest({ ...base, ...breaks })).toContainEqual({
      rule,
      member,
      level,
      message: expect.stringMatching(/^[^\n]{10,160}\.$/),
      source: expect.stringMatching(/\d/),
    })
  })
}
