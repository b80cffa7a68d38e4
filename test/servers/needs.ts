/** What a server needs before anybody can register there, and under which names the real ones were run. */
export const needs: Readonly<Record<string, { text: string; runs: readonly string[] }>> = {
  authhero: {
    text: "The tenant's flag `enable_dynamic_client_registration` has to be on, and `dcr_require_initial_access_token` says whether an access token is needed.",
    runs: ['authhero'],
  },
  authlib: {
    text: 'Authlib is a library: the application that uses it decides who may register and whether clients can be managed.',
    runs: ['authlib', 'authlib-codes'],
  },
  betterAuth: {
    text: 'The application has to set `allowDynamicClientRegistration`, and `allowUnauthenticatedClientRegistration` where nobody is signed in who registers.',
    runs: ['better-auth'],
  },
  communitySolidServer: { text: 'Registration is open.', runs: ['community-solid-server'] },
  glewlwyd: {
    text: 'The OpenID Connect plugin has to allow registration (`register-client-allowed`) and management (`register-client-management-allowed`).',
    runs: ['glewlwyd'],
  },
  hydra: {
    text: 'The operator has to set `oidc.dynamic_client_registration.enabled`. Anybody may register then: an access token is ignored.',
    runs: ['hydra'],
  },
  keycloak: {
    text: 'The issuer carries a realm: `https://host/realms/NAME`. Without an access token only hosts may register that the policy "Trusted Hosts" of the realm names; with one (an initial access token, or a token of a client with the role `create-client`) anybody.',
    runs: ['keycloak'],
  },
  mcpSdk: {
    text: 'The application has to give the router a store of clients with `registerClient`.',
    runs: ['mcp-sdk'],
  },
  oidcProvider: {
    text: 'The features `registration` and, for management, `registrationManagement` have to be on; `initialAccessToken` says whether an access token is needed.',
    runs: ['oidc-provider', 'oidc-provider-managed'],
  },
  simpleIdServer: {
    text: 'A client has to exist that may ask for the scope `register`, and only that, by client credentials. On the hosts that come with it the issuer carries a realm: `https://host/master`. `npm start -- --profile simpleIdServer` walks through all of it at an emulator.',
    runs: [],
  },
  springAuthorizationServer: {
    text: "A client has to exist that may ask for the scope `client.create`, and only that, by client credentials; each token does for one registration. Pass `accessToken: clientCredentials({ …, scope: 'client.create' })`.",
    runs: ['spring-connect', 'spring-oauth2'],
  },
  workersOauthProvider: {
    text: 'The worker has to set `clientRegistrationEndpoint`.',
    runs: ['workers-oauth-provider'],
  },
}
