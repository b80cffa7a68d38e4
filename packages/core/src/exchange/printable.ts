const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const longest = 256

/** A server's text made safe for a log line: control, bidi and invisible characters escaped, at most 256 characters. */
export function printable(text: string): string {
  const escaped = text
    .slice(0, 4 * longest)
    .trim()
    .replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  return escaped.length > longest ? `${escaped.slice(0, longest - 1)}…` : escaped
}
