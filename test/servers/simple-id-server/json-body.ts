import { Crash } from './answer.ts'
import { kindOf, nothingAsked } from './members.ts'
import type { Asked } from './members.ts'

/** Deeper than this, the server's JSON reader gives up. */
const deepest = 32

const mediaType =
  /^(?:application\/json|text\/json|application\/[^;\s]+\+json)\s*(?:;\s*charset="?(utf-8|utf-16)"?\s*)?$/i

/** The encoding of a body of this type, or `undefined` where the server answers 415. */
export function encodingOf(contentType: string | undefined): string | undefined {
  const match = mediaType.exec(contentType ?? '')
  return match === null ? undefined : (match[1] ?? 'utf-8').toLowerCase()
}

/**
 * Reads a registration request as the server does: not as a document but as a stream of tokens, in which only the last
 * seen member name counts. So nested members land on the top level.
 *
 * Gives `undefined` for what the server takes for no request at all; that hurts it only after the token was checked.
 *
 * @throws {Crash} for what breaks the reader itself, even before the token is looked at
 */
export function readRequest(body: Buffer, encoding: string): Asked | undefined {
  const tokens = tokensOf(body, encoding)
  if (tokens === undefined || tokens[0] === 'null') return undefined
  const asked = nothingAsked()
  let name = ''
  let list: string[] = []
  let inList = false
  for (const [index, token] of tokens.entries()) {
    if (index === 0 || /^[{}:,]$|^null$/.test(token)) continue
    if (token === '[') [inList, list] = [true, []]
    else if (token === ']') {
      inList = false
      if (kindOf(name) !== 'lists') throw new Crash('an array that is no list of texts')
      asked.lists[name] = list
    } else if (tokens[index + 1] === ':') name = parsed(token)
    else if (inList && isText(token)) list.push(parsed(token))
    else if (inList || !setScalar(asked, name, token)) return undefined
  }
  return asked
}

/** Says whether the member could take the value. */
function setScalar(asked: Asked, name: string, token: string): boolean {
  const kind = kindOf(name)
  if (kind === 'lists') {
    if (isText(token)) throw new Crash('a text where a list belongs')
    return false
  }
  if (kind === 'flags' && /^(?:true|false)$/.test(token)) asked.flags[name] = token === 'true'
  else if (kind === 'numbers' && /^[-\d]/.test(token)) asked.numbers[name] = Number(token)
  else if (kind === 'texts' && isText(token)) asked.texts[name] = parsed(token)
  else if (kind === undefined && isText(token)) {
    const [plain = '', language, ...more] = name.split('#')
    const single = language !== undefined && more.length === 0
    asked.translations.push({ name: plain, language: single ? language : null, value: parsed(token) })
  } else return false
  return true
}

function tokensOf(body: Buffer, encoding: string): string[] | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(body)
    JSON.parse(text)
    const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g) ?? []
    let depth = 0
    for (const token of tokens) {
      if (/^[[{]$/.test(token)) depth += 1
      if (/^[\]}]$/.test(token)) depth -= 1
      if (depth > deepest || (isText(token) && loneSurrogate.test(parsed(token)))) return undefined
    }
    return tokens
  } catch {
    return undefined
  }
}

const loneSurrogate = /\p{Surrogate}/u

const isText = (token: string): boolean => token.startsWith('"')

const parsed = (token: string): string => String(JSON.parse(token))
