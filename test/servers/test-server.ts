/** A request that a server answered. */
export interface SeenRequest {
  method: string
  /** With its query. */
  path: string
  /** 0 as long as there is no answer. */
  status: number
}

/** What every server to test against can tell. */
export interface TestServer {
  /** Where it listens: `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Its issuer identifier. */
  readonly issuer: string
  /** How many registered clients exist there; its own first client does not count. */
  clients(): number
  /** Their identifiers, oldest first. */
  clientIds(): string[]
  /** Every secret that it issued. */
  secrets(): string[]
  /** Removes a client at the server, as an operator would. */
  forget(clientId: string): void
  /** The requests that arrived, oldest first. */
  readonly requests: readonly SeenRequest[]
  /** Breaks every connection and frees the port. */
  readonly close: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export { listen } from '../../packages/node/src/testing/server/listen.ts'
