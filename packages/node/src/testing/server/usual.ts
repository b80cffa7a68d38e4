import { randomUUID } from 'node:crypto'

import type { Answer, Endpoint, SeenRequest } from './answer.ts'
import { algorithms, credentialsIn, isProven } from './client-proof.ts'
import type { RegisteredClient, Registrar, ScriptedServerOptions } from './options.ts'
import { newSecret } from './secrets.ts'

/** The four members that a client must not send (RFC 7592 section 2.2). */
const forbidden = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

const now = (): number => Math.floor(Date.now() / 1000)
const refusal = (status: number, error: string, challenge = `Bearer error="${error}"`): Answer => ({
  status,
  body: { error },
  ...(status === 401 && { headers: { 'www-authenticate': challenge } }),
})
const bearer = ({ headers }: SeenRequest): string | undefined =>
  /^(?:Bearer|DPoP) (\S+)$/.exec(headers.authorization ?? '')?.[1]

/** A tiny and correct server by RFC 8414, 6749, 7591 and 7592: requests in, answers out, no network. */
export class UsualServer {
  readonly clients: Map<string, RegisteredClient> = new Map()
  readonly #options: ScriptedServerOptions
  readonly #url: string
  readonly #registrar: Registrar
  /** Access tokens that may register, and when they end. */
  readonly #tokens: Map<string, number> = new Map()

  constructor(url: string, registrar: Registrar, options: ScriptedServerOptions) {
    this.#url = url
    this.#registrar = registrar
    this.#options = options
  }

  get issuer(): string {
    return this.#url + (this.#options.issuerPath ?? '')
  }

  /** From now on no access token is good that was issued before. */
  revokeTokens(): void {
    this.#tokens.clear()
  }

  endpointOf(method: string, path: string): Endpoint {
    const [pathname = ''] = path.split('?')
    const base = this.#options.issuerPath ?? ''
    if (pathname.includes('/.well-known/')) return 'discovery'
    if (method === 'POST' && pathname === `${base}/token`) return 'token'
    if (method === 'POST' && pathname === `${base}/register`) return 'register'
    if (!pathname.startsWith(`${base}/register/`)) return 'other'
    return method === 'GET' ? 'read' : method === 'PUT' ? 'update' : method === 'DELETE' ? 'delete' : 'other'
  }

  answer(request: SeenRequest): Answer {
    switch (request.endpoint) {
      case 'discovery':
        return this.#discovery(request)
      case 'token':
        return this.#token(request)
      case 'register':
        return this.#register(request)
      case 'read':
      case 'update':
      case 'delete':
        return this.#manage(request)
      default:
        return { status: 404 }
    }
  }

  /** RFC 8414 puts the issuer's path behind the well-known part, OpenID Connect before it. */
  #discovery({ path }: SeenRequest): Answer {
    const base = this.#options.issuerPath ?? ''
    const known = [`/.well-known/oauth-authorization-server${base}`, `${base}/.well-known/openid-configuration`]
    if (!known.includes(path)) return { status: 404 }
    return { body: this.#metadata() }
  }

  #metadata(): Record<string, unknown> {
    return {
      issuer: this.issuer,
      token_endpoint: `${this.issuer}/token`,
      registration_endpoint: `${this.issuer}/register`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      ...this.#options.metadata,
    }
  }

  #token(request: SeenRequest): Answer {
    const form = new URLSearchParams(request.body)
    const credentials = credentialsIn(request)
    const { id, secret } = credentials
    const { issuer, token_endpoint } = this.#metadata()
    const isRegistrar = id === this.#registrar.clientId && secret === this.#registrar.clientSecret
    const client = this.clients.get(id)
    if (!isRegistrar && (client === undefined || !isProven(client, credentials, [issuer, token_endpoint])))
      return refusal(401, 'invalid_client', 'Basic realm="clients"')
    // A code or refresh token that we never issued tells a client that it is known here, and no more.
    if (form.get('grant_type') !== 'client_credentials') return refusal(400, 'invalid_grant')
    const lifetime = this.#options.tokenLifetime ?? 3600
    const access_token = newSecret()
    const mayRegister = isRegistrar && (form.get('scope') ?? '').split(' ').includes('register')
    if (mayRegister) this.#tokens.set(access_token, Date.now() + lifetime * 1000)
    return {
      headers: { 'cache-control': 'no-store' },
      body: { access_token, token_type: 'Bearer', expires_in: lifetime },
    }
  }

  #register(request: SeenRequest): Answer {
    const good = (this.#tokens.get(bearer(request) ?? '') ?? 0) > Date.now()
    if (this.#options.open === false && !good) return refusal(401, 'invalid_token')
    const metadata = metadataIn(request)
    if (metadata === undefined) return refusal(400, 'invalid_client_metadata')
    const client_id = randomUUID()
    const client: RegisteredClient = {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      ...metadata,
      client_id,
      client_id_issued_at: now(),
    }
    if (this.#options.management !== false)
      Object.assign(client, {
        registration_access_token: newSecret(),
        registration_client_uri: `${this.issuer}/register/${client_id}`,
      })
    if (String(client['token_endpoint_auth_method']).startsWith('client_secret'))
      Object.assign(client, { client_secret: newSecret(), client_secret_expires_at: this.#secretEnd() })
    this.clients.set(client_id, client)
    return { status: 201, headers: { 'cache-control': 'no-store' }, body: { ...client } }
  }

  #manage(request: SeenRequest): Answer {
    if (this.#options.management === false) return { status: 404 }
    const { endpoint } = request
    const { rotate = 'never' } = this.#options
    const client = this.clients.get(decodeURIComponent(request.path.split('/').at(-1) ?? ''))
    if (client === undefined || client.registration_access_token !== bearer(request))
      return refusal(401, 'invalid_token')
    if (endpoint === 'delete') {
      this.clients.delete(client.client_id)
      return { status: 204 }
    }
    if (endpoint === 'update') {
      const refused = this.#replace(client, metadataIn(request))
      if (refused !== undefined) return refused
    }
    if (rotate === endpoint || rotate === 'both') client.registration_access_token = newSecret()
    return { headers: { 'cache-control': 'no-store' }, body: { ...client } }
  }

  /** Replaces a client's metadata by those of an update, or returns a refusal. Members that the update leaves out are gone. */
  #replace(client: RegisteredClient, metadata: Record<string, unknown> | undefined): Answer | undefined {
    if (metadata === undefined) return refusal(400, 'invalid_client_metadata')
    const secret = client['client_secret']
    const wrong =
      metadata['client_id'] !== client.client_id ||
      forbidden.some((member) => member in metadata) ||
      ('client_secret' in metadata && metadata['client_secret'] !== secret)
    if (wrong) return refusal(400, 'invalid_request')
    const kept = new Set([...forbidden, 'client_id', 'client_secret'])
    for (const member of Object.keys(client)) if (!kept.has(member)) delete client[member]
    Object.assign(client, metadata)
    if (this.#options.renewSecretOnUpdate === true && secret !== undefined)
      client['client_secret_expires_at'] = this.#secretEnd()
    return undefined
  }

  #secretEnd(): number {
    const { secretLifetime } = this.#options
    return secretLifetime === undefined ? 0 : now() + secretLifetime
  }
}

function metadataIn({ body }: SeenRequest): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
