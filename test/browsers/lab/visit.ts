import { indexedDbStore, RegistrationError, RegistrationManager } from '@registrant/browser'
import type {
  AuthorizationServer,
  ClientProof,
  ManagerOptions,
  RegistrationEvent,
  ServerProfile,
} from '@registrant/browser'

/** What a test wants to be different in one visit. */
export interface Wish {
  issuer: string
  server?: AuthorizationServer
  timeout?: number
  lease?: number
  profile?: ServerProfile
  metadata?: ManagerOptions['metadata']
  keys?: ManagerOptions['keys']
  keepManagementToken?: boolean
}

/** The outcome of a visit, as JSON. */
export interface Visited {
  client_id?: string
  /** What proves the client, where it was asked for. */
  proof?: ClientProof
  error?: { name: string; code?: string | undefined; outcome?: string | undefined; message: string }
  events: RegistrationEvent[]
}

/** A page's, or a worker's, visit: a manager is made and asked once, and where it keeps keys, for a proof. */
export async function visit({ issuer, server, metadata, ...options }: Wish): Promise<Visited> {
  const events: RegistrationEvent[] = []
  const manager = new RegistrationManager({
    ...(server ? { server } : { issuer }),
    application: 'lab',
    metadata: { redirect_uris: [`${location.origin}/callback`], ...metadata },
    store: indexedDbStore(),
    onEvent: (event) => events.push(event),
    ...options,
  })
  try {
    const { client_id } = await manager.ensure()
    return { client_id, events, ...(options.keys && { proof: await manager.authentication() }) }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const { code, outcome } = error instanceof RegistrationError ? error : {}
    return { error: { name, message, code, outcome }, events }
  }
}

/** Makes a visit for each wish that is posted with a port, answers there, and keeps a service worker alive meanwhile. */
export function answerVisits(): void {
  addEventListener('message', (event: MessageEvent<Wish>) => {
    const answer = visit(event.data).then((visited) => event.ports[0]?.postMessage(visited))
    if ('waitUntil' in event && typeof event.waitUntil === 'function') event.waitUntil(answer)
  })
}
