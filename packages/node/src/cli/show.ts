import type { RegistrationResponse, RegistrationStatus } from '@registrant/core'

const longest = 160
const redacted = '[redacted]'

/** Text from elsewhere on one line: no control character of it reaches the terminal. */
export function printable(text: string): string {
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
  return safe.length > longest ? `${safe.slice(0, longest - 1)}…` : safe
}

/** Lines as they are printed: every character that would command the terminal is replaced. */
export const harmless = (lines: string): string =>
  lines.replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')

/** JSON to be printed: the same value, without a character that commands the terminal. */
export const asJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )

/** A member's value on one line. */
export const shown = (value: unknown): string =>
  printable(typeof value === 'string' && value !== '' ? value : JSON.stringify(value))

/** Names and values, one below the other. */
export function rows(pairs: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const there = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[printable(name), value] as const]))
  const width = Math.max(0, ...there.map(([name]) => name.length))
  return there.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}

/** The members of a registration, without the secrets that prove the client or let it be changed. */
export function withoutSecrets(registration: RegistrationResponse): Record<string, unknown> {
  const secrets = secretsIn(registration)
  const strike = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutSpelled(value, secrets)
    if (Array.isArray(value)) return value.map(strike)
    return typeof value === 'object' && value !== null ? strikeMembers(value) : value
  }
  const strikeMembers = (holder: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(holder).map(([member, value]) => {
        const name = withoutSpelled(member, secrets)
        if (isSecret(member, holder)) return [name, redacted]
        return [name, member === 'registration_client_uri' ? originOf(value) : strike(value)]
      }),
    )
  return strikeMembers(registration)
}

/** The members of a registration for a program. Those with a secret are left out: it might take a redaction mark for a value. */
export const withoutStruck = (registration: RegistrationResponse): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(withoutSecrets(registration)).filter((entry) => !JSON.stringify(entry).includes(redacted)),
  )

/** The origin of an address alone: some servers put a secret into the rest. */
const originOf = (value: unknown): unknown =>
  typeof value === 'string' && URL.canParse(value) ? `${new URL(value).origin}/${redacted}` : redacted

/** Whether a member of this holder is secret by its name; in a JWK the private parts are. */
const isSecret = (member: string, holder: object): boolean =>
  'kty' in holder
    ? /^(?:d|p|q|dp|dq|qi|oth|k)$/.test(member)
    : /secret|password|token$|private_key|api_?key|assertion|software_statement/i.test(member) &&
      member !== 'client_secret_expires_at'

/** Every text that is secret by the name of its member, at whatever depth. */
function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, its]) => (isSecret(member, value) ? textsIn(its) : secretsIn(its)))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length > 3 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** A text without these secrets; redacted whole where it spells one as addresses, forms, JSON or Basic credentials do. */
function withoutSpelled(text: string, secrets: readonly string[]): string {
  const struck = secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
  const read = [struck, withoutPercent(struck), withoutPercent(struck.replaceAll('+', ' ')), withoutBackslash(struck)]
  const encoded = read
    .flatMap((it) => it.match(/[\w+/-]{6,}/g) ?? [])
    .map((it) => Buffer.from(it, 'base64').toString('utf8'))
  const readings = [...read, ...encoded, ...encoded.map(withoutPercent)]
  return readings.some((it) => secrets.some((secret) => it.includes(secret))) ? redacted : struck
}

const withoutPercent = (text: string): string =>
  text.replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'))

const withoutBackslash = (text: string): string =>
  text
    .replaceAll(/\\u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/\\(.)/gs, '$1')

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** A length of time in its greatest unit. */
export function duration(ms: number): string {
  const [unit, length] = units.find(([, its]) => Math.abs(ms) >= 0.99 * its) ?? ['second', 1000]
  const count = Math.round(ms / length)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** An instant, and how far it is from now. */
export function instant(at: number): string {
  const left = at - Date.now()
  const iso = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
  return `${iso} (${left < 0 ? `${duration(-left)} ago` : `in ${duration(left)}`})`
}

/** How things stand, for people. */
export function statusLines(status: RegistrationStatus): string[] {
  const { state, client_id, manageable, suspect, generation, secretExpiresAt, orphans, replaced, waiting } = status
  return [
    ...rows([
      ['state', state],
      ['client', client_id && printable(client_id)],
      ['manageable', client_id === undefined ? undefined : manageable ? 'yes' : 'no, the management token is missing'],
      ['suspect', suspect ? 'yes, the server denied it; it stays in use until that is confirmed' : undefined],
      ['generation', generation?.toString()],
      ['secret ends', secretExpiresAt === undefined ? undefined : instant(secretExpiresAt)],
    ]),
    ...replaced.map(
      ({ client_id: old, deleteAt }) => `replaced: client ${printable(old)}, deleted ${instant(deleteAt)}`,
    ),
    ...orphans.map(
      ({ client_id: id, reason }) =>
        `orphan: ${id === undefined ? 'a client that nobody can name' : printable(id)}: ${printable(reason)}`,
    ),
    ...waiting.map(waitingLine),
  ]
}

/** One line: what the manager leaves alone, until when, and why. */
export const waitingLine = ({ until, reason, for: what }: RegistrationStatus['waiting'][number]): string =>
  `waiting for ${what} until ${instant(until)}: ${printable(reason)}`

/** What the command line has in place of a program's options, which errors and events name. */
const options: Readonly<Record<string, string>> = {
  allowHttp: 'Here that is REGISTRANT_ALLOW_HTTP, and --allow-http of init.',
  allowedOrigins: 'Here there is no such option: that takes a program of your own.',
  'option server': 'Here there is no such option: give the issuer as the server spells it.',
  'option generation': 'Here these are REGISTRANT_GENERATION and REGISTRANT_INSTANCE.',
  'give encryptedStore() its key': 'Here that is REGISTRANT_STORE_KEY.',
  serviceAccount: 'Here the namespace stands in REGISTRANT_STORE.',
}

/** A message that was written for programmers, with advice for the command line. */
export function withAdvice(message: string): string {
  const named = Object.keys(options).find((option) => message.includes(option))
  return named === undefined ? message : `${message} ${options[named]}`
}
