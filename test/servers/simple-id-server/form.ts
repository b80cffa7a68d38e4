import { kindOf, memberNames, nothingAsked } from './members.ts'
import type { Asked } from './members.ts'

/** Lists that an update can never set, under any spelling. */
const neverBound = ['grant_types', 'response_types', 'default_acr_values', 'post_logout_redirect_uris']

/** Members whose form name the server's authors forgot: they go by the name of the property. */
const renamed: Record<string, string> = {
  authorization_signed_response_alg: 'AuthorizationSignedResponseAlg',
  authorization_encrypted_response_alg: 'AuthorizationEncryptedResponseAlg',
  authorization_encrypted_response_enc: 'AuthorizationEncryptedResponseEnc',
  authorization_data_types: 'AuthorizationDataTypes',
}

/**
 * The fields of a form; none if the body is of another type.
 *
 * @throws if it says that it is a form and is not
 */
export async function formOf(body: Buffer, contentType = ''): Promise<URLSearchParams> {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return new URLSearchParams(body.toString())
  if (!/^multipart\/form-data\b/i.test(contentType)) return new URLSearchParams()
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  return new URLSearchParams([...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
}

/** Binds an update's fields, those of the form before those of the query. */
export function bind(form: URLSearchParams, query: URLSearchParams): Asked {
  const sources = [form, query].map(lowerCased)
  // A field with the argument's name as a prefix makes the server look for nothing without it.
  const prefix = sources.some(({ keys }) => keys.some((key) => key.startsWith('request.'))) ? 'request.' : ''
  const valuesOf = (name: string): string[] => {
    const key = `${prefix}${renamed[name] ?? name}`.toLowerCase()
    return sources.map((source) => source.valuesOf(key)).find((values) => values.length > 0) ?? []
  }

  const asked = nothingAsked()
  for (const name of memberNames) {
    const values = valuesOf(name)
    const [first] = values
    if (first === undefined || neverBound.includes(name)) continue
    const kind = kindOf(name)
    if (kind === 'lists') asked.lists[name] = values
    else if (kind === 'texts') asked.texts[name] = first
    else if (kind === 'flags') asked.flags[name] = /^true$/i.test(first)
    else if (first.trim() !== '' && Number.isFinite(Number(first))) asked.numbers[name] = Number(first)
  }
  return asked
}

interface Source {
  keys: string[]
  valuesOf(key: string): string[]
}

function lowerCased(fields: URLSearchParams): Source {
  const entries = [...fields].map(([name, value]) => [name.toLowerCase(), value] as const)
  const isOne = (name: string, key: string): boolean =>
    name === key || (name.startsWith(`${key}[`) && /^\[\d*\]$/.test(name.slice(key.length)))
  return {
    keys: entries.map(([name]) => name),
    valuesOf: (key) => entries.filter(([name]) => isOne(name, key)).map(([, value]) => value),
  }
}
