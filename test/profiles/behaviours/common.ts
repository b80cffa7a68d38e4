import type { RegistrationRequest } from '@registrant/node'

/** What a service registers that people sign in to. */
export const web: RegistrationRequest = {
  client_name: 'Orders',
  redirect_uris: ['https://orders.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  client_uri: 'https://orders.example/',
}

export const words = (text: string): string[] => text.split(' ')

/** What most token endpoints answer to a code that nobody issued. */
export const usualToken = {
  known: { status: 400, error: 'invalid_grant' },
  unknown: { status: 401, error: 'invalid_client' },
} as const
