import { parseAddress } from '../exchange/addresses.ts'

/**
 * What RFC 3986 calls a URI: the characters that it names, and each % before two hexadecimal digits; brackets around an
 * IPv6 address alone. http and https name a host (RFC 9110 section 4.2).
 */
const grammar =
  /^(?!https?:(?!\/\/[^/?#]))[a-z][a-z\d+.-]*:(?:\/\/\[[\da-f:.]+\])?(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*)?$/i

/**
 * A text as an address, where it is a URI as it stands: what a platform's parser would mend on the way (blanks,
 * backslashes, `%zz`, letters beyond ASCII) is sent and compared unmended.
 */
export const parseUri = (text: string): URL | undefined => (grammar.test(text) ? parseAddress(text) : undefined)

/** Whether a text is an address only after a parser mended it. */
export const isMended = (text: string): boolean => !grammar.test(text) && URL.canParse(text)

/**
 * Whether a host is reached from an inner network alone: a private or link-local address (RFC 1918, 3927, 4193, 4291), a
 * name without a dot, or one of the names set aside for that (RFC 6762, 8375; `internal`).
 */
export const isInner = ({ hostname }: URL): boolean =>
  /^(?:10|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+){2,3}$/.test(hostname) ||
  /^\[f(?:[cd][\da-f]|e[89ab])[\da-f]:/.test(hostname) ||
  /^[^.[]+$|\.(?:local|internal|home\.arpa|localhost)$/.test(hostname)
