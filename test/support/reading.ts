import type { AuthorizationServer, HttpAnswer, HttpRequest, Reading, RegistrationResponse } from '@registrant/node'
import { readRegistration } from '@registrant/node/exchange'
import type { RegistrationContext } from '@registrant/node/exchange'

export const as: AuthorizationServer = {
  issuer: 'https://as.example',
  registration_endpoint: 'https://as.example/register',
}

/** The request that led to the answer that a test is about. */
export const requestOf = (
  method: 'POST' | 'GET' | 'PUT' | 'DELETE',
  token = 'access-token-of-the-test',
): HttpRequest => ({
  method,
  url: method === 'POST' ? 'https://as.example/register' : 'https://as.example/register/c1',
  headers: { accept: 'application/json', authorization: `Bearer ${token}` },
})

/** An answer as JSON, unless it is a text already. */
export const answerOf = (
  body: unknown,
  { status = 201, ...headers }: { status?: number; [header: string]: string | number } = {},
): HttpAnswer => ({
  status,
  headers: new Headers({
    'content-type': 'application/json',
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  }),
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Reads an answer of a registration endpoint, by default to a POST. */
export const reading = (
  body: unknown,
  { status, ...context }: Partial<RegistrationContext> & { status?: number } = {},
): Reading<RegistrationResponse> =>
  readRegistration(
    answerOf(body, { status: status ?? (context.request && context.request.method !== 'POST' ? 200 : 201) }),
    {
      request: requestOf('POST'),
      server: as,
      ...context,
    },
  )
