import type { ClientAuthentication } from './options.ts'

/** Sends identifier and secret in the form (RFC 6749 section 2.3.1). */
export const clientSecretPost =
  (clientSecret: string): ClientAuthentication =>
  ({ clientId }) => ({ form: { client_id: clientId, client_secret: clientSecret } })

/** Sends identifier and secret in the header, each form-encoded first (RFC 6749 section 2.3.1). */
export const clientSecretBasic =
  (clientSecret: string): ClientAuthentication =>
  ({ clientId }) => ({
    headers: { authorization: `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}` },
  })

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
