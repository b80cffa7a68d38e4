import * as v2 from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { memoryStore, RegistrationManager } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { mcpProvider } from '@registrant/node/handover'
import { startTestServer } from '@registrant/node/testing'
import { startOidcProvider } from '@registrant/test/servers'
import type { OidcProviderServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { toolsOf } from '../../docs/examples/mcp/client.ts'
import { signIn } from '../support/sign-in.ts'
import { startMcpServer } from './mcp-server.ts'
import type { McpServer } from './mcp-server.ts'

const redirectUri = 'http://127.0.0.1/callback'
const metadata = {
  redirect_uris: [redirectUri],
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
}

/** The application's own provider, which keeps everything but the client. */
class Own implements v2.OAuthClientProvider {
  #tokens: v2.OAuthTokens | undefined
  #verifier = ''
  /** Where the user was sent. */
  redirected: URL | undefined
  readonly clientMetadataUrl?: string

  constructor(clientMetadataUrl?: string) {
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl
  }

  readonly redirectUrl = redirectUri
  readonly clientMetadata = metadata
  clientInformation(): undefined {
    throw new Error('the application is not asked for the client')
  }
  saveClientInformation(): void {
    throw new Error('the SDK registers nobody')
  }
  tokens(): v2.OAuthTokens | undefined {
    return this.#tokens
  }
  saveTokens(tokens: v2.OAuthTokens): void {
    this.#tokens = tokens
  }
  redirectToAuthorization(url: URL): void {
    this.redirected = url
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }
  codeVerifier(): string {
    return this.#verifier
  }
  invalidateCredentials(scope: string): void {
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined
  }
}

interface Session {
  own: Own
  /** Asks the MCP server for its tools; signs in where that is needed. */
  tools(): Promise<string[]>
}

type Program = (mcp: McpServer, store: RegistrationStore, own?: Own, forgetDelay?: number) => Session

const providerOf = (own: Own, store: RegistrationStore, forgetDelay: number) =>
  mcpProvider(own, (server) => {
    return new RegistrationManager({ server, application: 'agent', metadata, store, forgetDelay })
  })

/** A program on version 1 of the SDK. */
const onV1: Program = (mcp, store, own = new Own(), forgetDelay = 0) => {
  const authProvider = providerOf(own, store, forgetDelay)
  const connect = async (): Promise<string[]> => {
    const client = new Client({ name: 'agent', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(mcp.url, { authProvider }))
    const { tools } = await client.listTools()
    await client.close()
    return tools.map(({ name }) => name)
  }
  const finish = (code: string): Promise<void> =>
    new StreamableHTTPClientTransport(mcp.url, { authProvider }).finishAuth(code)
  return { own, tools: () => signedIn(own, connect, finish) }
}

/** A program on version 2 of the SDK. */
const onV2: Program = (mcp, store, own = new Own(), forgetDelay = 0) => {
  const authProvider = providerOf(own, store, forgetDelay)
  const connect = async (): Promise<string[]> => {
    const client = new v2.Client({ name: 'agent', version: '1.0.0' })
    await client.connect(new v2.StreamableHTTPClientTransport(mcp.url, { authProvider }))
    const { tools } = await client.listTools()
    await client.close()
    return tools.map(({ name }) => name)
  }
  const finish = (code: string, iss: string | undefined): Promise<void> =>
    new v2.StreamableHTTPClientTransport(mcp.url, { authProvider }).finishAuth(code, iss)
  return { own, tools: () => signedIn(own, connect, finish) }
}

async function signedIn(
  own: Own,
  connect: () => Promise<string[]>,
  finish: (code: string, iss: string | undefined) => Promise<void>,
): Promise<string[]> {
  const before = own.redirected
  try {
    return await connect()
  } catch (error) {
    const { redirected } = own
    if (redirected === undefined || redirected === before) throw error
    const { searchParams } = await signIn(redirected, redirectUri)
    const code = searchParams.get('code')
    if (code === null) throw new Error(`no code came: ${searchParams}`, { cause: error })
    await finish(code, searchParams.get('iss') ?? undefined)
    return connect()
  }
}

/** Whether a token is one of that server's. */
const tokensOf =
  ({ provider }: OidcProviderServer) =>
  async (token: string): Promise<boolean> =>
    (await provider.AccessToken.find(token)) !== undefined

let server: OidcProviderServer
let mcp: McpServer

async function startBoth(fetchDocument?: typeof fetch): Promise<void> {
  server = await startOidcProvider({ open: true, ...(fetchDocument && { fetchDocument }) })
  mcp = await startMcpServer(server.issuer, tokensOf(server))
}

async function stopBoth(): Promise<void> {
  await mcp[Symbol.asyncDispose]()
  await server.close()
}

const programs: [string, Program][] = [
  ['1', onV1],
  ['2', onV2],
]

describe('at a server with dynamic registration only', () => {
  beforeAll(() => startBoth())
  afterAll(stopBoth)

  test('the program of the recipes signs in, and starts again without registering again', async () => {
    const store = memoryStore()
    const before = server.clients()
    for (const own of [new Own(), new Own()]) {
      const comeBack = async (): Promise<{ code: string; iss?: string }> => {
        const { searchParams } = await signIn(own.redirected ?? '', redirectUri)
        return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') ?? '' }
      }
      expect(await toolsOf(mcp.url, own, { store, signIn: comeBack })).toEqual(['list-orders'])
    }
    expect(server.clients() - before).toBe(1)
  })

  describe.each(programs)('an MCP client on version %s of the SDK', (_, program) => {
    test('signs in, and starts again without registering again', async () => {
      const store = memoryStore()
      const before = server.clients()
      const first = program(mcp, store)
      expect(await first.tools()).toEqual(['list-orders'])
      expect(await first.tools()).toEqual(['list-orders'])
      expect(await program(mcp, store).tools()).toEqual(['list-orders'])
      expect(server.clients() - before).toBe(1)
    })

    test('registers once where it is first used ten times at once', async () => {
      const store = memoryStore()
      const before = server.clients()
      const uses = Array.from({ length: 10 }, () => program(mcp, store).tools())
      expect(await Promise.all(uses)).toEqual(Array.from({ length: 10 }, () => ['list-orders']))
      expect(server.clients() - before).toBe(1)
    })

    test('signs in anew at a server that forgot it', async () => {
      const store = memoryStore()
      const session = program(mcp, store)
      await session.tools()
      server.forget()
      session.own.saveTokens({ ...session.own.tokens(), access_token: 'ended', token_type: 'Bearer' })
      expect(await session.tools()).toEqual(['list-orders'])
      expect(server.clients()).toBe(1)
    })

    test('registers at the server that the resource has moved to, and keeps its client at the first one', async () => {
      await using other = await startOidcProvider({ open: true })
      await using moving = await startMcpServer(server.issuer, tokensOf(server))
      const store = memoryStore()
      const clientIn = ({ own }: Session) => own.redirected?.searchParams.get('client_id')
      const before = program(moving, store)
      await before.tools()
      moving.moveTo(other.issuer, tokensOf(other))
      const after = program(moving, store)
      expect(await after.tools()).toEqual(['list-orders'])
      expect(other.clientIds()).toEqual([clientIn(after)])
      moving.moveTo(server.issuer, tokensOf(server))
      const registered = server.clients()
      const back = program(moving, store)
      expect(await back.tools()).toEqual(['list-orders'])
      expect(clientIn(back)).toBe(clientIn(before))
      expect(server.clients()).toBe(registered)
    })

    test('says what it waits for while it is being found out whether the server forgot it', async () => {
      const session = program(mcp, memoryStore(), new Own(), 60_000)
      await session.tools()
      server.forget()
      session.own.saveTokens({ ...session.own.tokens(), access_token: 'ended', token_type: 'Bearer' })
      await expect(session.tools()).rejects.toMatchObject({ code: 'suspect' })
    })
  })
})

test('a provider that is frozen, or sets private members, is wrapped as any other', async () => {
  class Noting extends Own {
    #note = ''
    get note(): string {
      return this.#note
    }
    set note(text: string) {
      this.#note = text
    }
  }
  const noting = mcpProvider(new Noting(), unasked)
  noting.note = 'kept'
  expect(noting.note).toBe('kept')
  expect(noting).toBeInstanceOf(Noting)
  const frozen = mcpProvider(
    Object.freeze({ ...metadata, tokens: () => 'mine', saveClientInformation: () => {} }),
    unasked,
  )
  expect(frozen.tokens()).toBe('mine')
  expect(await frozen.clientInformation()).toBeUndefined()
  expect('saveClientInformation' in frozen).toBe(false)
  expect({ ...frozen }).toMatchObject(metadata)
})

const unasked = (): never => {
  throw new Error('no server was found')
}

test('a code is redeemed by the client that asked for it, at a server whose metadata name another issuer', async () => {
  const issuer = 'https://inner.example'
  await using other = await startTestServer({
    metadata: { issuer, authorization_endpoint: `${issuer}/authorize` },
    scripts: { token: { body: { access_token: 'token', token_type: 'Bearer' } } },
  })
  await using resource = await startMcpServer(other.url, async () => false)
  const own = new Own()
  const issuers: string[] = []
  const store = memoryStore()
  const provider = mcpProvider(own, (as) => {
    issuers.push(as.issuer)
    return new RegistrationManager({ server: as, application: 'agent', metadata, store })
  })
  const options = { serverUrl: resource.url, skipIssuerMetadataValidation: true }
  expect(await v2.auth(provider, options)).toBe('REDIRECT')
  const clientId = own.redirected?.searchParams.get('client_id')
  expect(await v2.auth(provider, { ...options, authorizationCode: 'code' })).toBe('AUTHORIZED')
  expect(other.clientIds()).toEqual([clientId])
  expect(issuers).toEqual([issuer])
  const [request] = other.requestsTo('token')
  expect(new URLSearchParams(request?.body).get('client_id')).toBe(clientId)
})

describe('at a server that takes client metadata documents', () => {
  const document = 'https://agent.example/client.json'
  const fetchDocument: typeof fetch = async () =>
    Response.json(
      { ...metadata, client_id: document, client_name: 'Agent' },
      { headers: { 'cache-control': 'max-age=60' } },
    )

  beforeAll(() => startBoth(fetchDocument))
  afterAll(stopBoth)

  test.each(programs)(
    'a client on version %s of the SDK signs in by its own, and registers nothing',
    async (_, program) => {
      const store = memoryStore()
      const session = program(mcp, store, new Own(document))
      expect(await session.tools()).toEqual(['list-orders'])
      expect(session.own.redirected?.searchParams.get('client_id')).toBe(document)
      expect(await program(mcp, store, new Own(document)).tools()).toEqual(['list-orders'])
      expect(server.requestsTo('register')).toEqual([])
    },
  )
})
