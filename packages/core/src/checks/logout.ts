import { isSecure, parseAddress } from '../exchange/addresses.ts'
import type { Check } from './find.ts'
import { runsCode } from './redirects.ts'

/** R30: logout. */
export const logout: Check = (request, find) => {
  const { post_logout_redirect_uris: after = [], backchannel_logout_uri: back } = request
  const source = 'OIDC RP-Initiated Logout 1.0 section 3.1'
  const parsed = after.map(parseAddress)
  if (parsed.some((address) => address && runsCode(address)))
    find('R30', 'post_logout_redirect_uris', 'It must not run code or open a file.', source)
  else if (parsed.some((address) => !address || (address.protocol === 'http:' && !isSecure(address))))
    find(
      'R30',
      'post_logout_redirect_uris',
      "It should be an https address, or of an app's own scheme.",
      source,
      'SHOULD',
    )
  if (back?.includes('#') === true)
    find(
      'R30',
      'backchannel_logout_uri',
      'It must not have a fragment.',
      'OIDC Back-Channel Logout 1.0 section 2.2',
      'SHOULD',
    )
  for (const channel of ['frontchannel', 'backchannel'] as const)
    if (request[`${channel}_logout_session_required`] === true && request[`${channel}_logout_uri`] === undefined)
      find(
        'R30',
        `${channel}_logout_session_required`,
        `It means nothing without ${channel}_logout_uri.`,
        'OIDC Logout 1.0',
        'SHOULD',
      )
}
