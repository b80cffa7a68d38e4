import type { Check } from './find.ts'

const ciba = 'urn:openid:params:grant-type:ciba'

/** R32: backchannel authentication (CIBA). */
export const backchannel: Check = (request, find) => {
  const { backchannel_token_delivery_mode: mode, grant_types = [], subject_type } = request
  const source = 'CIBA Core 1.0 section 4'
  const signing = request.backchannel_authentication_request_signing_alg
  if (signing !== undefined && /^(?:none$|HS)/.test(signing))
    find('R32', 'backchannel_authentication_request_signing_alg', 'It must be an asymmetric algorithm.', source)
  if (mode === undefined) {
    if (grant_types.includes(ciba))
      find('R32', 'backchannel_token_delivery_mode', 'The CIBA grant needs it: poll, ping or push.', source)
    return
  }
  if (!/^(?:poll|ping|push)$/.test(mode))
    find('R32', 'backchannel_token_delivery_mode', 'It must be poll, ping or push.', source)
  if (mode !== 'push' && !grant_types.includes(ciba))
    find('R32', 'grant_types', `poll and ping need the grant ${ciba}.`, source)
  if (mode !== 'poll' && request.backchannel_client_notification_endpoint === undefined)
    find('R32', 'backchannel_client_notification_endpoint', 'ping and push need it.', source)
  if (
    mode !== 'push' &&
    subject_type === 'pairwise' &&
    (request.jwks_uri ?? request.sector_identifier_uri) === undefined
  )
    find('R32', 'jwks_uri', 'Pairwise subjects with poll or ping need jwks_uri or sector_identifier_uri.', source)
}
