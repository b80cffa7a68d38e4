import type { KeysOptions, RegistrationRequest } from '@registrant/core'

/** What a configuration file says. The environment outweighs it, member by member; paths start where the file lies. */
export interface Config {
  /** The JSON Schema, for editors: `./node_modules/@registrant/node/dist/schema/config.json`. */
  $schema?: string | undefined
  /** The server to register with, spelled as it spells itself. */
  issuer?: string | undefined
  /** The name of the application. With the issuer it says whose registration this is; choose it once, for ever. */
  application?: string | undefined
  /** Tells instances apart that are to have a registration each. Default: all share one. */
  instance?: string | undefined
  /** The client that pays for the registration: it gets the access token with which another client is registered. */
  clientId?: string | undefined
  /** A file that holds the secret of that client. */
  clientSecretFile?: string | undefined
  /** How the secret travels. Default: `client_secret_basic`, unless the server lists `client_secret_post` and not that. */
  authentication?: 'client_secret_basic' | 'client_secret_post' | undefined
  /** What to ask the access token for, separated by spaces. Default: nothing is asked for. */
  scope?: string | undefined
  /** A file that holds an access token which authorizes registrations. */
  initialAccessTokenFile?: string | undefined
  /** What the client is registered with: the path of a JSON file, or the metadata themselves. */
  metadata?: string | RegistrationRequest | undefined
  /** Keys that the manager makes for the client and keeps: `true`, or what is special about them. Default: `false`. */
  keys?: boolean | KeysOptions | undefined
  /** An empty store is an error, no reason to register. Default: `false`. */
  expectExisting?: boolean | undefined
  /** Where the registration is kept: `file:PATH`, `postgres://...`, `redis://...` or `kubernetes:NAMESPACE/NAME`. */
  store?: string | undefined
  /** A file that holds the address of the store, for one with a password in it. */
  storeFile?: string | undefined
  /** A file that holds the key with which the registration is encrypted. Default: it is not encrypted. */
  storeKeyFile?: string | undefined
  /** What is special about the server: the name of an export of `@registrant/node/profiles`. Default: nothing. */
  profile?: string | undefined
  /** Orders declarations: one with a lower number never replaces one with a higher one. */
  generation?: number | undefined
  /** Origins that may be asked by plain http, for development alone. Default: this machine. */
  allowHttp?: readonly string[] | undefined
}
