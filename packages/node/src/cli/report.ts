import { styleText } from 'node:util'

import { RegistrationError } from '@registrant/core'

import { UsageError } from './command.ts'
import { ConfigurationError } from './configured.ts'
import { harmless, withAdvice } from './show.ts'

const colours = { '✓': 'green', '✗': 'red', '!': 'yellow', '+': 'green', '-': 'red' } as const

/**
 * A line for this stream: its mark is in colour where the stream is a terminal that shows colours, and any other character
 * that would command the terminal is replaced.
 */
export function asText(line: string, stream: NodeJS.WriteStream): string {
  const [all, mark, rest = ''] = /^([✓✗!+-])( .*)$/s.exec(harmless(line)) ?? []
  const colour = Object.entries(colours).find(([its]) => its === mark)?.[1]
  if (all === undefined || mark === undefined || colour === undefined) return harmless(line)
  // styleText() of Node 22.0 does not check the stream itself.
  return stream.isTTY && !process.env['NO_COLOR'] ? styleText(colour, mark, { stream }) + rest : all
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
  const lines = [`✗ ${messageOf(error)}`]
  return {
    lines,
    json: error instanceof RegistrationError ? error.toJSON() : { code: 'failed', message: messageOf(error) },
  }
}

/** The message of an error, with its code if the error is one of ours. */
export function messageOf(error: unknown): string {
  if (error instanceof RegistrationError) return `${withAdvice(error.message)} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}
