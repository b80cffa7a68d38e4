import * as v2 from '@modelcontextprotocol/client'
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import { memoryStore, RegistrationManager } from '@registrant/node'
import { mcpProvider } from '@registrant/node/handover'
import { startTestServer } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

import { startMcpServer } from './mcp-server.ts'

const metadata = {
  redirect_uris: ['http://127.0.0.1/callback'],
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
}

const uses = 10

/** What an application writes down that keeps its client by itself, as the SDK's documentation has it. */
class Own implements v2.OAuthClientProvider {
  #client: v2.OAuthClientInformationMixed | undefined
  #verifier = ''
  #asked = 0
  #open: (() => void) | undefined
  readonly #all = new Promise<void>((resolve) => (this.#open = resolve))
  /** The client that each user was sent to sign in with. */
  readonly clientIds: (string | null)[] = []
  readonly redirectUrl = metadata.redirect_uris[0]
  readonly clientMetadata = metadata

  /** Nobody is told before all have asked: as programs that start at the same moment. */
  async clientInformation(): Promise<v2.OAuthClientInformationMixed | undefined> {
    const found = this.#client
    if (++this.#asked === uses) this.#open?.()
    await this.#all
    return found
  }
  saveClientInformation(client: v2.OAuthClientInformationMixed): void {
    this.#client = client
  }
  tokens(): undefined {
    return undefined
  }
  saveTokens(): void {
    throw new Error('nobody has signed in')
  }
  redirectToAuthorization({ searchParams }: URL): void {
    this.clientIds.push(searchParams.get('client_id'))
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }
  codeVerifier(): string {
    return this.#verifier
  }
}

/** Sends a user to sign in, by either version of the SDK. */
const versions = [
  ['1', (provider: Parameters<typeof auth>[0], serverUrl: URL) => auth(provider, { serverUrl })],
  ['2', (provider: v2.OAuthClientProvider, serverUrl: URL) => v2.auth(provider, { serverUrl })],
] as const

describe.each(versions)('ten first uses at once on version %s of the SDK', (_, start) => {
  test('make ten clients by a provider that keeps the client itself, of which it remembers one', async () => {
    await using server = await startTestServer({ engine: 'oidc-provider' })
    await using mcp = await startMcpServer(server.issuer, async () => false)
    const own = new Own()
    await Promise.all(Array.from({ length: uses }, () => start(own, mcp.url)))
    expect(server.clients()).toBe(uses)
    expect(new Set(own.clientIds).size).toBe(uses)
  })

  test('make one by the same provider with its client kept', async () => {
    await using server = await startTestServer({ engine: 'oidc-provider' })
    await using mcp = await startMcpServer(server.issuer, async () => false)
    const own = new Own()
    const store = memoryStore()
    const kept = mcpProvider(
      own,
      (as) => new RegistrationManager({ server: as, application: 'agent', metadata, store }),
    )
    await Promise.all(Array.from({ length: uses }, () => start(kept, mcp.url)))
    expect(server.clients()).toBe(1)
    expect(own.clientIds).toEqual(Array.from({ length: uses }, () => server.clientIds()[0]))
  })
})
