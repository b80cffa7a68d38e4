/** The longest address that .NET takes for one. */
const longest = 65_519

/** Every character is one that need not be escaped, or an escape. */
const escapedWell = /^(?:[^\s\p{Cc}%"<>[\]\\^`{|}]|%[\da-f]{2})*$/iu

/** What follows `https:`: two slashes, a host without wildcards, maybe user information and a port. */
const authority = /^\/\/(?:[^@/?#]*@)?(\[[\da-f:.]+\]|[^:/?#@*[\]]+)(?::(\d*))?(?=[/?#]|$)/i

/** Whether .NET's `Uri.IsWellFormedUriString` takes a text for an absolute address. */
export function isWellFormed(text: string): boolean {
  const uri = text.trim()
  const [, scheme, rest] = /^([a-z][a-z\d+.-]*):(.+)$/is.exec(uri) ?? []
  if (scheme === undefined || rest === undefined || uri.length > longest) return false
  if (!/^(?:https?|ftp|wss?)$/i.test(scheme)) return escapedWell.test(rest)
  const match = authority.exec(rest)
  return match !== null && Number(match[2] ?? 0) <= 65_535 && escapedWell.test(rest.replace(match[1] ?? '', ''))
}
