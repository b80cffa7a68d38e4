// A tool registers with a learning platform: LTI Dynamic Registration 1.0. The platform opens the tool's page with two parameters,
// where its metadata are and a token that is good for one registration.
import type { AuthorizationServer, RegistrationResponse } from '@registrant/node'
import { RegistrationClient } from '@registrant/node'

/** What LTI adds to a client's metadata, and the platform's answer has too. */
export interface LtiMetadata {
  'https://purl.imsglobal.org/spec/lti-tool-configuration': {
    domain: string
    target_link_uri: string
    claims: string[]
    messages: { type: string; target_link_uri?: string; label?: string }[]
    deployment_id?: string
  }
}

/** `openid_configuration` and `registration_token` are those of the request that opened the page. */
export async function registerTool(
  tool: string,
  { openid_configuration, registration_token }: { openid_configuration: string; registration_token?: string },
): Promise<RegistrationResponse & LtiMetadata> {
  const answer = await fetch(openid_configuration, { redirect: 'error' })
  const server: AuthorizationServer = await answer.json()
  // The platform must be the one whose address was opened (LTI Dynamic Registration section 3.4).
  if (new URL(server.issuer).origin !== new URL(openid_configuration).origin) throw new Error('Another platform')
  const client = new RegistrationClient<LtiMetadata, LtiMetadata>({ server, accessToken: registration_token })
  return client.register({
    application_type: 'web',
    client_name: 'Quizzes',
    grant_types: ['implicit', 'client_credentials'],
    response_types: ['id_token'],
    initiate_login_uri: `${tool}/login`,
    redirect_uris: [`${tool}/launch`],
    jwks_uri: `${tool}/jwks`,
    token_endpoint_auth_method: 'private_key_jwt',
    scope: 'https://purl.imsglobal.org/spec/lti-ags/scope/score',
    'https://purl.imsglobal.org/spec/lti-tool-configuration': {
      domain: new URL(tool).host,
      target_link_uri: tool,
      claims: ['iss', 'sub', 'name'],
      messages: [{ type: 'LtiDeepLinkingRequest', target_link_uri: `${tool}/choose`, label: 'Choose a quiz' }],
    },
  })
}
