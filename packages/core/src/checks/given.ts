import type { Find } from './find.ts'

const once = 'client_id_issued_at client_secret_expires_at registration_access_token registration_client_uri'.split(' ')

/** R09, R19, R20: what the server gives is not the client's to send. */
export function given(request: object, find: Find): void {
  for (const member of Object.keys(request))
    if (once.includes(member)) find('R09', member, 'The server gives it; leave it out.', 'RFC 7592 section 2.2')
  if (Object.hasOwn(request, 'client_secret'))
    find('R19', 'client_secret', 'A client never chooses its secret; leave it out.', 'RFC 7592 section 2.2')
  if (Object.hasOwn(request, 'client_id'))
    find('R20', 'client_id', 'The server gives it; leave it out of a registration.', 'RFC 7591 section 3.2.1')
}
