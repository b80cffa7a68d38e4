import { styleText } from 'node:util'

import { RegistrationError } from '@registrant/core'

import { UsageError } from './command.ts'
import { ConfigurationError } from './configured.ts'

const colours = { '✓': 'green', '✗': 'red', '!': 'yellow', '+': 'green', '-': 'red' } as const

/** A line as this stream takes it: with its mark in colour where the stream is a terminal that shows colours. */
export function asText(line: string, stream: NodeJS.WriteStream): string {
  const [, mark, rest = ''] = /^([✓✗!+-])( .*)$/s.exec(line) ?? []
  const colour = Object.entries(colours).find(([its]) => its === mark)?.[1]
  return mark === undefined || colour === undefined ? line : styleText(colour, mark, { stream }) + rest
}

/** An error for people, and for programs. */
export function asError(error: unknown): { lines: string[]; json: object } {
  if (error instanceof ConfigurationError) {
    const { findings, message } = error
    return {
      lines: [`✗ ${message}:`, ...findings.map((it) => `  ${it.member}: ${it.message}`)],
      json: {
        code: 'configuration',
        message,
        mistakes: findings.map((it) => ({ member: it.member, message: it.message })),
      },
    }
  }
  if (error instanceof UsageError)
    return { lines: [`✗ ${error.message}`], json: { code: 'usage', message: error.message } }
  if (error instanceof RegistrationError) return { lines: [`✗ ${error.message} (${error.code})`], json: error.toJSON() }
  const message = error instanceof Error ? error.message : String(error)
  return { lines: [`✗ ${message}`], json: { code: 'failed', message } }
}
