import { randomUUID } from 'node:crypto'

import { SignJWT } from 'jose'

import { Crash, denied, empty, granted, json } from './answer.ts'
import type { Answer, Refusal } from './answer.ts'
import type { Client } from './client.ts'
import { formOf } from './form.ts'
import type { Host, Incoming } from './host.ts'
import { kid } from './keys.ts'
import { isBlank } from './members.ts'
import { grantTypes } from './vocabulary.ts'

/** The token endpoint. Only client credentials lead anywhere: the other grants need a person. */
export async function token(incoming: Incoming, host: Host): Promise<Answer> {
  const { form, client } = await read(incoming, host)
  const grant = field(form, 'grant_type') ?? ''
  if (!grantTypes(host.version).includes(grant))
    return denied({ error: 'invalid_grant', description: 'bad grant type' })
  const scopes = (field(form, 'scope') ?? '').split(' ').filter(Boolean)
  const ours = grant === 'client_credentials'
  if (ours && isBlank(scopes.join(' ')))
    return denied({ error: 'invalid_request', description: 'missing parameter scope' })
  if (!isClient(client)) return denied(client)
  if (!client.lists['grant_types']?.includes(grant))
    return denied(invalidClient(`grant type ${grant} is not supported by the client`))
  if (!ours) return denied({ error: 'invalid_grant', description: 'bad authorization code' })
  const refusal = refusedScope(scopes, client) ?? refusedResource(form)
  return refusal === undefined ? granted(await issue(client, scopes, incoming, host)) : denied(refusal)
}

/** Says what a token stands for, to any client. */
export async function introspect(incoming: Incoming, host: Host): Promise<Answer> {
  const { form, client } = await read(incoming, host)
  if (!isClient(client)) return denied(client)
  const issued = host.tokens.get(field(form, 'token') ?? '')
  return json(200, issued?.kind === 'access' ? { active: true, ...issued.claims } : { active: false })
}

export async function revoke(incoming: Incoming, host: Host): Promise<Answer> {
  const { form, client } = await read(incoming, host)
  if (!isClient(client)) return denied(client)
  host.tokens.delete(field(form, 'token') ?? '')
  return empty(200)
}

async function read(incoming: Incoming, host: Host): Promise<{ form: URLSearchParams; client: Client | Refusal }> {
  const { body, contentType = '' } = incoming
  if (!/^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(contentType)) throw new Crash('no form')
  const form = await formOf(body, contentType).catch(() => {
    throw new Crash('a form that is none')
  })
  return { form, client: authenticate(form, incoming, host) }
}

function authenticate(
  form: URLSearchParams,
  { authorizations: [header = ''], realm }: Incoming,
  host: Host,
): Client | Refusal {
  const basic = basicCredentials(header, host)
  const id = field(form, 'client_id') ?? basic.id
  if (id === undefined) return invalidClient('missing client_id')
  const client = host.clients.find(realm, id)
  if (client === undefined) return invalidClient(`unknown client ${id}`)
  const method = client.texts['token_endpoint_auth_method']
  const secret = method === 'client_secret_basic' ? basic.secret : field(form, 'client_secret')
  const right = method?.startsWith('client_secret_') && secret?.toLowerCase() === client.client_secret.toLowerCase()
  return right === true ? client : invalidClient('bad client credential')
}

function basicCredentials(header: string, { version }: Host): { id?: string | undefined; secret?: string | undefined } {
  const [scheme, value] = header.split(' ')
  if (scheme !== 'Basic') {
    if (version === 'rc1' && value !== undefined) throw new Crash('a scheme that it does not know')
    return {}
  }
  if (value === undefined || !/^[\w+/]*={0,2}$/.test(value)) throw new Crash('no base64')
  const [id, secret, ...more] = Buffer.from(value, 'base64').toString().split(':')
  return secret === undefined || more.length > 0 ? {} : { id, secret }
}

function refusedScope(scopes: string[], client: Client): Refusal | undefined {
  const twice = scopes.filter((scope, index) => scopes.indexOf(scope) < index)
  const foreign = scopes.filter((scope) => !client.scopes.includes(scope))
  if (twice.length > 0) return { error: 'invalid_scope', description: `duplicate scopes : ${twice.join(',')}` }
  if (foreign.length === 0) return undefined
  return { error: 'invalid_scope', description: `unauthorized to scopes : ${foreign.join(',')}` }
}

function refusedResource(form: URLSearchParams): Refusal | undefined {
  const resource = field(form, 'resource')
  if (resource === undefined) return undefined
  return { error: 'invalid_target', description: `following resources ${resource} doesn't exist` }
}

async function issue(client: Client, scopes: string[], { issuer }: Incoming, host: Host): Promise<object> {
  const now = Math.floor(Date.now() / 1000)
  const { client_id, tokenLifetime } = client
  const claims = {
    iss: issuer,
    exp: now + tokenLifetime,
    iat: now,
    aud: [client_id],
    client_id,
    scope: scopes,
    nbf: now,
  }
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
  const access_token = client.reference === true ? randomUUID() : await jwt.sign(host.keys.privateKey)
  const refresh_token = randomUUID()
  host.tokens.set(access_token, { kind: 'access', claims: { ...claims, aud: client_id, scope: scopes.join(' ') } })
  host.tokens.set(refresh_token, { kind: 'refresh', claims })
  return { expires_in: tokenLifetime, scope: scopes.join(' '), access_token, refresh_token, token_type: 'Bearer' }
}

/** A field that is there twice has its values as JSON over several lines for a value. */
function field(form: URLSearchParams, name: string): string | undefined {
  const values = form.getAll(name)
  return values.length > 1 ? JSON.stringify(values, null, 2) : values[0]
}

const invalidClient = (description: string): Refusal => ({ error: 'invalid_client', description })

const isClient = (client: Client | Refusal): client is Client => 'client_id' in client
