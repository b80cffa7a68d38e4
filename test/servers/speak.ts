import type { Registrar } from '@registrant/node/testing'

/** A raw answer, for the tests of the servers themselves. */
export interface Spoken {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

async function spoken(answer: Response): Promise<Spoken> {
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) }
}

const headersWith = (token: unknown): Record<string, string> => ({
  'content-type': 'application/json',
  ...(typeof token === 'string' && { authorization: `Bearer ${token}` }),
})

/** Asks for a token with the credentials in the body. */
export async function askForToken(url: string, { clientId, clientSecret, scope }: Registrar): Promise<Spoken> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope }
  return spoken(await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(form) }))
}

export async function register(url: string, token: unknown, metadata: object): Promise<Spoken> {
  const body = JSON.stringify(metadata)
  return spoken(await fetch(`${url}/register`, { method: 'POST', headers: headersWith(token), body }))
}

/** One management request with the token and at the address that `client` carries. */
export async function manage(method: string, client: Record<string, unknown>, metadata?: object): Promise<Spoken> {
  const headers = headersWith(client['registration_access_token'])
  const body = metadata === undefined ? null : JSON.stringify(metadata)
  return spoken(await fetch(String(client['registration_client_uri']), { method, headers, body }))
}
