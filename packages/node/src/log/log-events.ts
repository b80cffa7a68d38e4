import type { RegistrationEvent } from '@registrant/core'

import { can, demand } from '../engine/options.ts'
import { levelOf, lineOf } from './line.ts'

/** A logger: `console`, pino, winston, bunyan, or any other object with these methods. */
export interface Logger {
  info(...line: unknown[]): void
  warn(...line: unknown[]): void
  error(...line: unknown[]): void
  /** Takes every request and every deviation of a server from the specifications, where the logger has this method. */
  debug?: ((...line: unknown[]) => void) | undefined
}

/** How lines are handed to a logger. */
export interface LogOptions {
  /**
   * Hands over the event before the line, as pino and bunyan take fields: `logger.info(event, line)`. Default: `false`, the
   * line alone.
   */
  fields?: boolean | undefined
}

/** The number of different lines that are remembered, so that they are not written again for a while. */
const most = 100

/** Milliseconds until the same line is written again: no event ends an outage, so a second one looks like the first. */
const silence = 300_000

/**
 * An `onEvent` that writes to a log: a line at `info` for each change of the registration, at `warn` for what somebody
 * should know, at `error` for what somebody has to do. Requests are told at `debug`; a start that finds its registration in
 * order writes one line, that it is reused.
 *
 * A line names the application and the client, says what happened and what to do next, and holds no secret. A line that repeats
 * itself, such as the same `drift` at every `ensure()`, is written again after five minutes at the earliest, or when the
 * registration has changed.
 *
 * @example
 * ```ts
 * import { fileStore, RegistrationManager } from '@registrant/node'
 * import { logEvents } from '@registrant/node/log'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: fileStore('/var/lib/orders'),
 *   onEvent: logEvents(console),
 * })
 * ```
 * @throws {InvalidRequestError} `logger` lacks the method `info`, `warn` or `error`
 */
export function logEvents(logger: Logger, options?: LogOptions): (event: RegistrationEvent) => void {
  const { fields = false }: LogOptions = Object(options)
  const isLogger = ['info', 'warn', 'error'].every((method) => can(logger, method))
  demand(['logger', isLogger, 'It must have the methods info, warn and error'])
  const told = new Map<string, number>()
  return (event) => {
    const level = levelOf(event)
    const line = lineOf(event)
    if (level === 'info' && event.type !== 'waiting' && event.type !== 'reused') told.clear()
    else if (level === 'warn' || level === 'error') {
      const before = told.get(line)
      // A clock that was set back silences nothing.
      if (before !== undefined && Math.abs(event.at - before) < silence) return
      // The line that was written last is the last to be forgotten.
      told.delete(line)
      const [oldest] = told.keys()
      if (told.size === most && oldest !== undefined) told.delete(oldest)
      told.set(line, event.at)
    }
    // A logger may return a promise: whoever tells the event swallows its rejection, as what a logger throws.
    return fields ? logger[level]?.(event, line) : logger[level]?.(line)
  }
}
