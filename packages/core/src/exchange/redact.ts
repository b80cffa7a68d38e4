const struck = '[redacted]'

/** More than any text that is shown or kept, so that the work is bounded whatever a server sends. */
const longestText = 64 * 1024
/** A part of a secret this long is struck too: servers show the beginning of what they were sent. */
const longestGlimpse = 11

/**
 * Strikes secrets out of a text that a server sent, as they are and as HTML, URLs, forms and JSON spell them: a
 * development page or a proxy may repeat what it was sent. The beginning of a secret is struck from 12 characters on,
 * from 8 where the text ends in the middle of it. Of a longer text the first 65,536 characters come back.
 */
export function strike(text: string, secrets: readonly string[]): string {
  let safe = text.slice(0, longestText)
  for (const secret of secrets) {
    if (secret === '') continue
    safe = safe.replaceAll(secret, struck)
    safe = withoutSpellings(safe, secret)
  }
  return safe
}

/** One pass: at each place the text is read as the secret, character by character in whatever spelling it has there. */
function withoutSpellings(text: string, secret: string): string {
  let safe = ''
  let copied = 0
  for (let start = 0; start < text.length; start++) {
    const { read, matched } = follow(text, start, secret)
    const cutOff = start + read === text.length && matched > 7
    if (matched < secret.length && matched <= longestGlimpse && !cutOff) continue
    safe += text.slice(copied, start) + struck
    copied = start + read
    start = copied - 1
  }
  return safe + text.slice(copied)
}

/** How far the text, from `start` on, spells the secret: how much of the text, and how many characters of the secret. */
function follow(text: string, start: number, secret: string): { read: number; matched: number } {
  let read = 0
  let matched = 0
  while (matched < secret.length) {
    const char = secret[matched] ?? ''
    const spelling = /[A-Za-z0-9]/.test(char)
      ? text[start + read] === char && char
      : spellings(char).find((candidate) => text.startsWith(candidate, start + read))
    if (!spelling) break
    read += spelling.length
    matched++
  }
  return { read, matched }
}

const known = new Map<string, readonly string[]>()

/** How a character may be written, the longest first. */
function spellings(char: string): readonly string[] {
  let written = known.get(char)
  if (written === undefined) {
    written = [...new Set(writtenAs(char))].toSorted((a, b) => b.length - a.length)
    if (char.charCodeAt(0) < 128) known.set(char, written)
  }
  return written
}

function writtenAs(char: string): string[] {
  const code = char.charCodeAt(0)
  const hex = code.toString(16)
  const four = hex.padStart(4, '0')
  const two = hex.padStart(2, '0')
  const html = [`&#${code};`, `&#0${code};`, `&#x${hex};`, `&#x${hex.toUpperCase()};`, ...(entities[char] ?? [])]
  const json = [`\\u${four}`, `\\u${four.toUpperCase()}`, `\\${char}`]
  const url = [`%${two}`, `%${two.toUpperCase()}`, ...(char === ' ' ? ['+'] : [])]
  return [char, ...html, ...json, ...url]
}

const entities: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;'],
}
