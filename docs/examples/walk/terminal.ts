import { styleText } from 'node:util'

import { isSecret, redacted, strike } from './secrets.ts'

/** Prints a line; no secret that is known gets past here. */
export const say = (line = ''): void => void process.stdout.write(`${strike(line)}\n`)

/** The last line of a walk that could not go on. */
export const complain = (line: string): void =>
  void process.stderr.write(`${strike(`${styleText('red', '✗', { stream: process.stderr })} ${line}`)}\n`)

export const strong = (text: string): string => styleText('bold', text)
export const quiet = (text: string): string => styleText('dim', text)
export const good = (text: string): string => styleText('green', text)
export const bad = (text: string): string => styleText('red', text)
export const notable = (text: string): string => styleText('yellow', text)

/** Names and values, one below the other. */
export function sayRows(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  for (const [name, value] of rows) say(`     ${quiet(name.padEnd(width))}  ${value}`)
}

const longest = 96

/** A member's value on one line; a server's text can't move the cursor. */
export function shown(member: string, value: unknown): string {
  if (isSecret(member)) return redacted
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
  return safe.length > longest ? `${safe.slice(0, longest - 1)}…` : safe
}
