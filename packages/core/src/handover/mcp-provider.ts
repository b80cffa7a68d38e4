import { StateError } from '../errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { KeptClient } from './kept-client.ts'
import { authenticate, handOver, lastHanded, report } from './kept-client.ts'

/** The members of the application's own provider that are used here; the `OAuthClientProvider` of either SDK fits. */
export interface McpProvider {
  clientMetadataUrl?: string | undefined
  addClientAuthentication?: unknown
  invalidateCredentials?(scope: McpScope): void | Promise<void>
  saveDiscoveryState?(state: McpDiscovery): void | Promise<void>
  discoveryState?(): McpDiscovery | undefined | Promise<McpDiscovery | undefined>
}

/** What the SDK asks its provider to forget. */
export type McpScope = 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'

/** What the SDK found out about the authorization server of an MCP server. */
export interface McpDiscovery {
  authorizationServerUrl: string
  authorizationServerMetadata?: { issuer: string } | undefined
}

/** A client as the SDK gets it; `issuer` binds the client to its server. */
export interface McpClientInformation {
  client_id: string
  client_secret?: string
  client_secret_expires_at?: number
  client_id_issued_at?: number
  issuer: string
}

/** The application's provider with the members of a kept client in the place of its own, and without `saveClientInformation`. */
export type KeptMcpProvider<Provider> = Omit<Provider, 'saveClientInformation' | keyof McpClientMembers> &
  McpClientMembers

/** The members that a kept client replaces. */
export interface McpClientMembers {
  clientInformation(context?: { issuer: string }): Promise<McpClientInformation | undefined>
  addClientAuthentication(headers: Headers, params: URLSearchParams): Promise<void>
  invalidateCredentials(scope: McpScope): Promise<void>
}

/** The server that the SDK speaks to, and the client there: the manager's, or a metadata document, which is not registered. */
interface Binding {
  issuer: string
  document?: string | undefined
  manager: KeptClient
}

/**
 * Makes an `OAuthClientProvider` for the MCP TypeScript SDK, version 1 and 2, from the application's own. A `RegistrationManager`
 * keeps the client for each authorization server, so the SDK itself no longer registers clients.
 *
 * `managerFor` is called once for each authorization server, with the metadata that the SDK found. Concurrent first uses
 * make one registration, and a later start makes none. Where the server takes client metadata documents and the provider
 * has a `clientMetadataUrl`, that address is the client, and nothing is registered.
 *
 * `manager.authentication()` proves the client in token requests, also with managed keys, unless the provider has an
 * `addClientAuthentication` of its own. A client that the server refuses is reported to the manager; until it is known whether
 * the server has forgotten the client, signing in throws `suspect`. Where people wait, give the manager `forgetDelay: 0`: then
 * one denial is enough.
 *
 * The application's provider does everything else: tokens, code verifier, redirects. Across a redirect that ends the program,
 * as in a page, it has to keep `discoveryState` too, as the SDK demands.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/core'
 * import { mcpProvider } from '@registrant/core/handover'
 * import type { OAuthClientProvider } from '@modelcontextprotocol/client'
 *
 * declare const own: OAuthClientProvider
 * const metadata = { redirect_uris: ['https://agent.example/callback'], token_endpoint_auth_method: 'none' }
 * const store = memoryStore()
 * const authProvider = mcpProvider(own, (server) => {
 *   return new RegistrationManager({ server, application: 'agent', metadata, store, forgetDelay: 0 })
 * })
 * ```
 * @see [MCP: authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization)
 */
export function mcpProvider<Provider extends McpProvider & object>(
  provider: Provider,
  managerFor: (server: AuthorizationServer) => KeptClient,
): KeptMcpProvider<Provider> {
  const members = new Map<string | symbol, unknown>(Object.entries(takenOver(provider, managerFor)))
  // The application's members get their own object as `this`, since it may have private members. That object is not the target
  // of the proxy: a proxy may not hide members of a frozen target.
  const proxy: unknown = new Proxy(
    {},
    {
      get(_, member) {
        if (members.has(member)) return members.get(member)
        const value: unknown = Reflect.get(provider, member, provider)
        return typeof value === 'function' ? value.bind(provider) : value
      },
      set: (_, member, value) => Reflect.set(provider, member, value, provider),
      has: (_, member) => (members.has(member) ? members.get(member) !== undefined : Reflect.has(provider, member)),
      ownKeys: () => Reflect.ownKeys(provider),
      getOwnPropertyDescriptor: (_, member) => {
        const found = Reflect.getOwnPropertyDescriptor(provider, member)
        return found && { ...found, configurable: true }
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(provider),
    },
  )
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return proxy as KeptMcpProvider<Provider>
}

function takenOver(provider: McpProvider, managerFor: (server: AuthorizationServer) => KeptClient): object {
  const managers = new Map<string, KeptClient>()
  /** What the SDK found out last; `kept`: the same, for use after a redirect where the application does not keep it. */
  let found: McpDiscovery | undefined
  let kept: McpDiscovery | undefined
  /** The issuer that the SDK stated last, and for which address: it states one only when it asks for the client. */
  let named: { at: string; issuer: string } | undefined
  let doubted: KeptClient | undefined

  const discoveryState = async (): Promise<McpDiscovery | undefined> => {
    const state = provider.discoveryState ? await provider.discoveryState() : kept
    found = state ?? found
    return state
  }
  const bound = async (stated?: string): Promise<Binding | undefined> => {
    if (found === undefined) await discoveryState()
    if (found === undefined) return undefined
    const at = found.authorizationServerUrl
    if (stated !== undefined) named = { at, issuer: stated }
    const server = serverIn(found, named?.at === at ? named.issuer : undefined)
    const manager = managers.get(server.issuer) ?? managerFor(server)
    managers.set(server.issuer, manager)
    const { issuer } = await manager.server()
    return { issuer, manager, document: documentAt(server, provider.clientMetadataUrl) }
  }
  const authenticateClient: McpClientMembers['addClientAuthentication'] = async (headers, params) => {
    const { document, manager } = (await bound()) ?? {}
    if (document !== undefined) params.set('client_id', document)
    else if (manager !== undefined) await authenticate(manager, params, headers)
  }
  return {
    saveClientInformation: undefined,
    discoveryState,
    saveDiscoveryState: async (state: McpDiscovery) => {
      found = state
      if (provider.saveDiscoveryState) await provider.saveDiscoveryState(state)
      else kept = state
    },
    clientInformation: async (context?: { issuer: string }) => {
      const binding = await bound(context?.issuer)
      if (binding === undefined) return undefined
      const { issuer, document, manager } = binding
      if (document !== undefined) return { client_id: document, issuer }
      if (doubted === manager) throw refusedLately()
      return information(await handOver(manager), issuer)
    },
    ...(provider.addClientAuthentication === undefined && { addClientAuthentication: authenticateClient }),
    invalidateCredentials: async (scope: McpScope) => {
      const { document, manager } = (await bound()) ?? {}
      if (scope === 'all' || scope === 'discovery') kept = undefined
      if (manager !== undefined && document === undefined && (scope === 'all' || scope === 'client')) {
        const { soon, done } = report(manager, lastHanded(manager))
        doubted = (await soon) === 'open' ? manager : undefined
        void done.then(() => (doubted = doubted === manager ? undefined : doubted))
      }
      await provider.invalidateCredentials?.(scope)
    },
  }
}

/**
 * The server by the metadata that the SDK found. Its address decides who it is, and not the issuer in its metadata: it must not
 * get another server's client. Without metadata its endpoints are at the paths that MCP first gave them.
 */
function serverIn(
  { authorizationServerUrl: url, authorizationServerMetadata: metadata }: McpDiscovery,
  stated?: string,
): AuthorizationServer {
  if (metadata === undefined) {
    const at = (path: string): string => new URL(path, url).href
    return {
      issuer: stated ?? url,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      registration_endpoint: at('/register'),
    }
  }
  const isEcho = withoutSlash(metadata.issuer) === withoutSlash(url)
  return { ...metadata, issuer: stated ?? (isEcho ? metadata.issuer : url) }
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '')

/** The address of the client metadata document, if this server takes such documents and would fetch that address. */
function documentAt(server: AuthorizationServer, url: string | undefined): string | undefined {
  if (server['client_id_metadata_document_supported'] !== true || url === undefined || !URL.canParse(url))
    return undefined
  const { protocol, pathname } = new URL(url)
  return protocol === 'https:' && pathname !== '/' ? url : undefined
}

function information(registration: Awaited<ReturnType<typeof handOver>>, issuer: string): McpClientInformation {
  const { client_id, client_secret, client_secret_expires_at, client_id_issued_at } = registration
  return {
    client_id,
    issuer,
    ...(client_secret !== undefined && { client_secret }),
    ...(client_secret_expires_at !== undefined && { client_secret_expires_at }),
    ...(client_id_issued_at !== undefined && { client_id_issued_at }),
  }
}

const refusedLately = (): StateError =>
  new StateError(
    'suspect',
    'The server refused this client, and whether it has forgotten it is being found out. Sign in again in a minute.',
    { retryAfter: 5000 },
  )
