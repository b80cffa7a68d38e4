import type { RegistrationResponse, RegistrationStatus } from '@registrant/core'

const longest = 160
const redacted = '[redacted]'

/** Text from elsewhere on one line: no control character of it reaches the terminal. */
export function printable(text: string): string {
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
  return safe.length > longest ? `${safe.slice(0, longest - 1)}…` : safe
}

/** A member's value on one line. */
export const shown = (value: unknown): string =>
  printable(typeof value === 'string' && value !== '' ? value : JSON.stringify(value))

/** Names and values, one below the other. */
export function rows(pairs: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const there = pairs.filter(([, value]) => value !== undefined)
  const width = Math.max(0, ...there.map(([name]) => name.length))
  return there.map(([name, value = '']) => `${name.padEnd(width)}  ${value}`)
}

/** What a registration says, without what proves the client or lets it be changed. */
export function withoutSecrets(registration: RegistrationResponse): Record<string, unknown> {
  const secrets = Object.entries(registration).flatMap(([member, value]) => (isSecret(member) ? textsIn(value) : []))
  const strike = (value: unknown): unknown => {
    if (typeof value === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, redacted), value)
    if (Array.isArray(value)) return value.map(strike)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, its]) => [name, strike(its)]))
  }
  return Object.fromEntries(
    Object.entries(registration).map(([member, value]) => {
      if (isSecret(member)) return [member, redacted]
      return [member, member === 'registration_client_uri' ? originOf(value) : strike(value)]
    }),
  )
}

/** Some servers put what is secret into the address. */
const originOf = (value: unknown): unknown =>
  typeof value === 'string' && URL.canParse(value) ? `${new URL(value).origin}/${redacted}` : redacted

const isSecret = (member: string): boolean =>
  /secret|password|token$|private_key|assertion/i.test(member) && member !== 'client_secret_expires_at'

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length > 3 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

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
    ...waiting.map(
      ({ until, reason, for: what }) => `waiting for ${what} until ${instant(until)}: ${printable(reason)}`,
    ),
  ]
}
