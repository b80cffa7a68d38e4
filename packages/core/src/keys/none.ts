import type { ClientAuthentication } from '../client/options.ts'

/** Authenticates not at all: `none`, the identifier alone in the form, for public clients (RFC 6749 section 3.2.1). */
export const none =
  (): ClientAuthentication =>
  ({ clientId }) => ({ form: { client_id: clientId } })
