import type { Wrong } from './options.ts'
import { refuseOptions } from './options.ts'

/** What options must be, by their names. */
export type Rule = readonly [names: string, is: (value: unknown) => boolean, message: string]

export const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isFunction = (value: unknown): boolean => typeof value === 'function'
const isAddress = (value: unknown): boolean => typeof value === 'string' && URL.canParse(value)
const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && isAddress(value) && new URL(value).origin === value && !value.includes('*')
export const isWhole = (value: unknown): boolean => typeof value === 'object' && value !== null
export const isAtLeast =
  (least: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value < 2 ** 31
export const isAny =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value)

const clientRules: readonly Rule[] = [
  ['timeout', (value) => value !== 0 && isAtLeast(0)(value), 'It must be above 0, below 24 days'],
  [
    'allowHttp',
    (value) => Array.isArray(value) && value.every(isOrigin),
    "Give exact origins: ['http://keycloak:8080']",
  ],
  ['allowedOrigins', (value) => Array.isArray(value) && value.every(isAddress), 'Give origins, in a list'],
  [
    'accessToken updateAccessToken',
    (value) => isFilled(value) || isFunction(value),
    'Give a token, not an empty one, or a function that gets one',
  ],
  ['fetch dpop encodeBody onEvent', isFunction, 'It must be a function'],
  ['preflight', isAny('warn', 'strict', 'off'), 'It must be warn, strict or off'],
  ['profile', isWhole, 'It must be one of those in /profiles, or your own'],
]

/** Refuses options that can't work, when they are given and not when they are first used. */
export function checkOptions(options: object, further: readonly Rule[] = [], own: readonly Wrong[] = []): void {
  const { issuer, server }: { issuer?: unknown; server?: unknown } = options
  const address: unknown = issuer ?? Object(server).issuer
  const wrong = [...own]
  const amiss =
    address === undefined
      ? 'Give it, or server with its issuer'
      : issuer !== undefined && server !== undefined
        ? 'Give it or server, not both'
        : !isAddress(address) && 'It must be a text, an address with its https://'
  if (amiss) wrong.unshift(['issuer', amiss])
  for (const [names, is, message] of [...clientRules, ...further])
    for (const name of names.split(' ')) {
      const value: unknown = Reflect.get(options, name)
      if (value !== undefined && !is(value)) wrong.push([name, message])
    }
  refuseOptions(wrong)
}
