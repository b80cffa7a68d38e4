import { indexedDbStore, memoryStore, RegistrationManager, StoreError } from '@registrant/browser'
import type { RegistrationStore } from '@registrant/browser'
import { oauth4webapi } from '@registrant/browser/handover'
import * as oauth from 'oauth4webapi'

const redirectUri = new URL('callback.html', location.href).href

/** Where the registration is kept; where the browser lets the page keep nothing, as long as the page is open. */
async function storeHere(): Promise<RegistrationStore> {
  const store = indexedDbStore()
  return store.load('probe').then(
    () => store,
    // Any other failure passes or has to be seen, and is no reason for another client: ensure() tells it.
    (error: unknown) => (error instanceof StoreError && error.code === 'store-denied' ? memoryStore() : store),
  )
}

/** Registers at the first visit, and has its client at once at each later one. */
export const managerHere = async (issuer: string): Promise<RegistrationManager> =>
  new RegistrationManager({
    issuer,
    application: 'orders-web',
    metadata: { redirect_uris: [redirectUri], grant_types: ['authorization_code'], response_types: ['code'] },
    store: await storeHere(),
  })

/** Logs in. Call it in a click: `open()` is let through then; it resolves to an access token. */
export async function login(kept: RegistrationManager, scope: string): Promise<string> {
  const popup = open('about:blank', '_blank', 'popup,width=480,height=640')
  if (popup === null) throw new Error('The browser let no window open')
  const { as, client, clientAuth } = await oauth4webapi(kept)
  // http: on this machine alone, as the manager has it.
  const options = { [oauth.allowInsecureRequests]: as.issuer.startsWith('http:') }
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()]
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  popup.location.href = url.href
  const answer = oauth.validateAuthResponse(as, client, await comeBack(popup), state)
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    clientAuth,
    answer,
    redirectUri,
    verifier,
    options,
  )
  return (await oauth.processAuthorizationCodeResponse(as, client, response)).access_token
}

/** What the server sent back, as callback.html tells it. */
function comeBack(popup: Window): Promise<URL> {
  return new Promise((resolve) => {
    const hear = ({ origin, source, data }: MessageEvent): void => {
      if (origin !== location.origin || source !== popup || typeof data !== 'string') return
      removeEventListener('message', hear)
      resolve(new URL(data))
    }
    addEventListener('message', hear)
  })
}
