import { good, jwks, service } from './rows.ts'

/** Requests about which nothing can be said, by what registers. */
export const bases: Record<string, object> = {
  web: good,
  public: { ...good, token_endpoint_auth_method: 'none' },
  native: {
    ...good,
    redirect_uris: ['http://127.0.0.1/cb'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  },
  implicit: { ...good, grant_types: ['implicit'], response_types: ['id_token'] },
  service,
  keyed: { ...good, token_endpoint_auth_method: 'private_key_jwt', jwks },
  named: { ...good, client_name: 'Orders' },
}
