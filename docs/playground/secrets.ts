import { isObject } from './json.ts'

/** A text without its secrets, and how many there were. */
export interface Safe {
  text: string
  leftOut: number
}

/** What stands in the place of a secret. */
export const struck = '[left out]'

/**
 * Members that hold secrets, by their names, with `secretKeyMembers` of the core; whatever ends in `_at` is an instant, `_type` or
 * `_method` a word.
 */
const secretName =
  /secret|passw|private|assertion|statement|authorization$|cookie|nonce$|(?:^|[_-])tokens?$|Token$|^(?:d|p|q|dp|dq|qi|k|oth|priv)$/i
const plainName = /(?:_at|_type|_types|_method|_methods|_alg|_enc|_supported|_uri|_endpoint)$/

const isSecretName = (name: string): boolean => secretName.test(name) && !plainName.test(name)

/** Headers of an answer that hold no secret. */
const plainHeaders =
  /^(?:content-type|content-length|date|retry-after|cache-control|pragma|www-authenticate|server|allow|ratelimit-\w+|x-ratelimit-\w+)$/i

/**
 * Strikes secrets out of what people paste: the secret members of JSON, whole or broken, headers that may hold one, user
 * info in addresses, and every repetition of what was struck.
 */
export function withoutSecrets(text: string): Safe {
  const found = new Set<string>()
  const [head, body] = partsOf(text)
  const strike = (secret: string): string => {
    if (secret === '' || secret === struck) return secret
    found.add(secret)
    return struck
  }
  const parsed = parsedOr(body)
  const safeBody =
    parsed === undefined ? struckInText(body, strike) : JSON.stringify(struckIn(parsed, strike), undefined, 2)
  const unchanged = found.size === 0
  const safeHead = head.replaceAll(/^(?:([\w-]+):[ \t]*(.*)|.+)$/gm, (line, name?: string, value: string = '') => {
    // What looks like a head may be in a body.
    if (name === undefined) return struckInText(line, strike)
    return plainHeaders.test(name) ? line : `${name}: ${strike(value)}`
  })
  let safe = safeHead + (unchanged ? body : safeBody)
  safe = safe.replaceAll(/([a-z][\w+.-]*:\/\/)([^\s/"'@]+)@/gi, (_, scheme: string, user: string) => {
    return `${scheme}${strike(user)}@`
  })
  safe = safe.replaceAll(/(^|[?&\s])([\w.-]+)=([^&\s"'#]+)/gm, (whole, before: string, name: string, value: string) =>
    isSecretName(name) ? `${before}${name}=${strike(value)}` : whole,
  )
  // What a server repeats: a token in the path of an address, for one.
  for (const secret of found) if (secret.length > 7) safe = safe.replaceAll(secret, struck)
  return { text: safe, leftOut: found.size }
}

/** The heads of an HTTP message, with the line that ends the last of them, and its body. */
function partsOf(text: string): [head: string, body: string] {
  if (!/^\s*HTTP\/[\d.]+ \d/.test(text)) return ['', text]
  // The last one counts: a proxy, or 100 Continue, may have spoken before.
  const [start = 0] = [...text.matchAll(/^[ \t]*HTTP\/[\d.]+ \d/gm)].map(({ index }) => index).slice(-1)
  const end = /\r?\n\r?\n/.exec(text.slice(start))
  const at = end === null ? text.length : start + end.index + end[0].length
  return [text.slice(0, at), text.slice(at)]
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value of JSON without the secrets in it, at any depth. */
function struckIn(value: unknown, strike: (secret: string) => string, isSecret = false): unknown {
  if (typeof value === 'string') return isSecret ? strike(value) : value
  if (typeof value === 'number') return isSecret ? strike(String(value)) : value
  if (Array.isArray(value)) return value.map((item) => struckIn(item, strike, isSecret))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, struckIn(item, strike, isSecret || isSecretName(name))]),
  )
}

/** A member in a text that was to be JSON, quoted in any way, and its value: a text, a list or a number. */
const member =
  /("((?:[^"\\]|\\.)*)"\s*:\s*|'((?:[^'\\]|\\.)*)'\s*:\s*|(?<![\w$-])([\w$-]+)\s*:\s*)("(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|\[[^\]]*|-?\d[\w.+-]*)/g

/** A text that was to be JSON, by how secrets are written there. */
const struckInText = (text: string, strike: (secret: string) => string): string =>
  text.replaceAll(
    member,
    (whole, before: string, double: string = '', single: string = '', bare: string = '', value: string) =>
      isSecretName(unescaped(double || single || bare))
        ? `${before}"${strike(value.replaceAll(/^["']|["']$/g, ''))}"`
        : whole,
  )

const unescaped = (name: string): string =>
  name.replaceAll(/\\u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
