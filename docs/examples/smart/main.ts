// An app registers with the server of a clinic: SMART App Launch 2.2. The server's metadata are below its FHIR address.
import type { AuthorizationServer } from '@registrant/node'
import { memoryStore, RegistrationManager } from '@registrant/node'

/** What many of these servers want to know besides: where they launch the app. */
export interface SmartMetadata {
  launch_uri?: string
}

/** Keeps one registration at the server of a FHIR address. */
export async function smartManager(fhir: string): Promise<RegistrationManager<SmartMetadata>> {
  const answer = await fetch(`${fhir}/.well-known/smart-configuration`, { redirect: 'error' })
  const said: Partial<AuthorizationServer> = await answer.json()
  return new RegistrationManager<SmartMetadata>({
    // A server without OpenID Connect need not name an issuer.
    server: { ...said, issuer: said.issuer ?? fhir },
    application: 'growth-chart',
    metadata: {
      application_type: 'web',
      client_name: 'Growth chart',
      client_uri: 'https://growth.example',
      launch_uri: 'https://growth.example/launch',
      redirect_uris: ['https://growth.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'launch launch/patient openid fhirUser offline_access patient/Observation.rs',
    },
    store: memoryStore(),
  })
}
