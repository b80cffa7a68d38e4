import { Crash, created, empty, json, refused } from './answer.ts'
import type { Answer } from './answer.ts'
import { refusedToken } from './bearer.ts'
import { newClient } from './client.ts'
import type { Client } from './client.ts'
import { bind, formOf } from './form.ts'
import type { Host, Incoming } from './host.ts'
import { encodingOf, readRequest } from './json-body.ts'
import { apply, isBlank } from './members.ts'
import { serialize } from './response.ts'
import { firstFailure } from './rules.ts'

/** `POST /register`. */
export async function add(incoming: Incoming, host: Host): Promise<Answer> {
  const encoding = encodingOf(incoming.contentType)
  if (encoding === undefined) return empty(415)
  const asked = readRequest(incoming.body, encoding)
  const refusal = await refusedToken(incoming, host)
  if (refusal !== undefined) return refused(refusal)
  if (asked === undefined) throw new Crash('no request')
  const client = newClient(incoming.realm, asked, scopesOf(asked.texts['scope'], incoming, host))
  const failure = firstFailure(client, host.version)
  if (failure !== undefined) return refused(failure)
  host.clients.add(client)
  // This may crash, and the client is there all the same.
  return created(shown(client, incoming, host))
}

/** `GET /register/{id}`. */
export function read(incoming: Incoming, host: Host): Answer {
  const found = find(incoming, host)
  if (isAnswer(found)) return found
  // The older release forgets to load the scopes.
  return json(200, shown(host.version === 'rc1' ? { ...found, scopes: [] } : found, incoming, host))
}

/** `PUT /register/{id}`, which reads forms, and JSON never. */
export async function update(incoming: Incoming, host: Host): Promise<Answer> {
  const form = await formOf(incoming.body, incoming.contentType).catch(() => undefined)
  // A form that cannot be read takes the path's values with it.
  const id = form === undefined ? undefined : (form.get('id') ?? idOf(incoming))
  const client = find(incoming, host, id)
  if (isAnswer(client) || form === undefined) return isAnswer(client) ? client : empty(404)
  const asked = bind(form, incoming.query)
  client.scopes = scopesOf(asked.texts['scope'], incoming, host)
  apply(asked, client)
  const failure = firstFailure(client, host.version)
  if (failure !== undefined) return refused(failure)
  host.clients.save(client)
  return json(200, shown(client, incoming, host))
}

/** `DELETE /register/{id}`. */
export function remove(incoming: Incoming, host: Host): Answer {
  const client = find(incoming, host)
  if (isAnswer(client)) return client
  // Its database holds on to a client by the names in it.
  if (host.version === 'rc1' && client.translations.length > 0) throw new Crash('a client with a name')
  host.clients.remove(client)
  return empty(204)
}

function find(incoming: Incoming, host: Host, id = idOf(incoming)): Client | Answer {
  const words = incoming.authorizations[0]?.split(' ') ?? []
  if (words.length !== 2 && words[0] !== 'Bearer') return empty(401)
  const client = id === undefined ? undefined : host.clients.find(incoming.realm, id)
  if (client === undefined) return empty(404)
  return client.registration_access_token === words.at(-1) ? client : empty(401)
}

const idOf = ({ id, query }: Incoming): string | undefined => id ?? query.get('id') ?? undefined

const isAnswer = (found: Client | Answer): found is Answer => 'status' in found

/** The scopes of the realm among those asked for; the others go without a word. */
function scopesOf(asked: string | undefined, { realm }: Incoming, { scopes }: Host): string[] {
  if (asked === undefined || isBlank(asked) || realm !== 'master') return []
  const wanted = asked.split(' ')
  return scopes.map(({ name }) => name).filter((name) => wanted.includes(name))
}

const shown = (client: Client, { base }: Incoming, { version, scopes, knownRealms }: Host): Record<string, unknown> =>
  serialize(client, { version, base, scopes, realms: knownRealms })
