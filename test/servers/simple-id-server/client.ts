import { randomUUID } from 'node:crypto'

import { apply, translated } from './members.ts'
import type { Asked, Metadata, Translation } from './members.ts'

/** A client as the server keeps it. */
export interface Client extends Metadata {
  realm: string
  id: string
  client_id: string
  client_secret: string
  /** The newer release names secrets, too. */
  secret_id: string
  /** A client that was there before has none, and nobody can manage it. */
  registration_access_token?: string
  /** As .NET writes it: up to seven digits after the seconds. */
  registered: string
  /** Names of scopes of the realm, in the realm's order. */
  scopes: string[]
  translations: Translation[]
  /** Seconds that its access tokens live. */
  tokenLifetime: number
  /** Its access tokens are names of tokens that the server keeps. */
  reference?: boolean
}

/** A client for what was asked, under fresh names and secrets, in no store yet. */
export function newClient(realm: string, asked: Asked, scopes: string[]): Client {
  const client: Client = {
    realm,
    id: randomUUID(),
    client_id: randomUUID(),
    client_secret: randomUUID(),
    secret_id: randomUUID(),
    registration_access_token: randomUUID(),
    registered: dateTime(),
    scopes,
    translations: translated.flatMap((name) => asked.translations.filter((translation) => translation.name === name)),
    tokenLifetime: 1800,
    texts: {},
    lists: { contacts: [], authorization_data_types: [] },
    flags: {},
    numbers: {},
  }
  apply(asked, client)
  return client
}

/** Now, with the seven digits of .NET and without the zeros at their end. */
export function dateTime(): string {
  const ticks = String(Math.floor(Math.random() * 10_000)).padStart(4, '0')
  return new Date()
    .toISOString()
    .replace('Z', ticks)
    .replace(/\.?0*$/, 'Z')
}
