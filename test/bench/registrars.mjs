// How each compared library registers a client, written as its users write it. Each entry loads only what it needs.
const metadata = { redirect_uris: ['https://app.example/callback'], client_name: 'bench' }

/**
 * By name: loads a library, and returns a function that registers a client at a server with these metadata at each call.
 *
 * openid-client asks for the metadata of the server at each registration: it has no way to be given them.
 */
export const registrars = {
  async 'raw fetch'({ registration_endpoint }) {
    return async () => {
      const headers = { accept: 'application/json', 'content-type': 'application/json' }
      const response = await fetch(registration_endpoint, { method: 'POST', headers, body: JSON.stringify(metadata) })
      return response.json()
    }
  },
  async '@registrant/node'(server) {
    const { RegistrationClient } = await import('@registrant/node')
    const client = new RegistrationClient({ server })
    return () => client.register(metadata)
  },
  async oauth4webapi(server) {
    const oauth = await import('oauth4webapi')
    const options = { [oauth.allowInsecureRequests]: true }
    return async () => {
      const response = await oauth.dynamicClientRegistrationRequest(server, metadata, options)
      return oauth.processDynamicClientRegistrationResponse(response)
    }
  },
  async 'openid-client'({ issuer }) {
    const { allowInsecureRequests, dynamicClientRegistration } = await import('openid-client')
    const options = { execute: [allowInsecureRequests] }
    return async () => {
      const configuration = await dynamicClientRegistration(new URL(issuer), metadata, undefined, options)
      return configuration.clientMetadata()
    }
  },
  async '@modelcontextprotocol/sdk'(server) {
    const { registerClient } = await import('@modelcontextprotocol/sdk/client/auth.js')
    return () => registerClient(server.issuer, { metadata: server, clientMetadata: metadata })
  },
}
