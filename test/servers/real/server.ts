import type { AuthorizationServer, RegistrationRequest, ServerProfile, TokenSource } from '@registrant/node'

/** A real server that can be had from a package registry: installed into a folder, started on loopback, stopped. */
export interface RealServer {
  /** What it is chosen by: `npm run test:servers -- keycloak`. */
  readonly name: string
  /** The server whose installation it shares. Default: it has its own. */
  readonly folder?: string
  /** What the table calls it. */
  readonly title: string
  /** Pinned. */
  readonly version: string
  /** Where it comes from, as a person would look for it. */
  readonly source: string
  /**
   * What this machine must have, and how the server is brought into an empty folder.
   *
   * @throws {CannotInstall} where this machine can't, with the reason
   */
  install(folder: string): Promise<void>
  /** Starts it; resolves when it answers. */
  start(folder: string): Promise<Running>
  /** How a client speaks to what was started, in this process or in another one. */
  connect(address: Address): Connection
  /** What this server can't do by itself, or does its own way: a step that ends so is the server's own, not our fault. */
  readonly own?: Readonly<Partial<Record<Step, string>>>
}

/** The columns of the table. */
export type Step = 'register' | 'read' | 'update' | 'delete' | 'drift' | 'known' | 'forgotten' | 'secret' | 'processes'

/** Where a started server is, and what else has to be known of it; JSON. */
export interface Address {
  issuer: string
  [member: string]: string
}

/** A server that runs. */
export interface Running {
  readonly address: Address
  /** Removes a client, as an operator would. */
  forget?(clientId: string): Promise<void>
  /** Makes another secret, as an operator would; resolves to it. */
  newSecret?(clientId: string): Promise<string>
  readonly stop: () => Promise<void>
}

/** What a client is given. */
interface Connection {
  readonly options: ConnectionOptions
  /** A declaration that this server takes. */
  readonly metadata: RegistrationRequest
}

type ConnectionOptions = ({ issuer: string } | { server: AuthorizationServer }) & {
  accessToken?: string | TokenSource
  profile?: ServerProfile
}

/** A service that people sign in to, which most servers take as it is. */
export const web: RegistrationRequest = {
  client_name: 'Orders',
  redirect_uris: ['https://orders.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
}

/** This machine has not what the server needs. */
export class CannotInstall extends Error {}
