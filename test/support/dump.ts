import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'

import type { RegistrationEvent } from '@registrant/core'

/** Everything that a program might print of a value. */
export const dump = (value: unknown): string =>
  [inspect(value, { depth: 9 }), JSON.stringify(value), String(value)].join('\n')

/**
 * Adds what might be printed of a value to what the run has shown. With `REGISTRANT_SHOWN` naming a folder, it is
 * searched for every secret that a server issued when the run is over.
 */
export function show(value: unknown): void {
  const folder = process.env['REGISTRANT_SHOWN']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${process.pid}.txt`), `${dump(value)}\n`)
}

/** An `onEvent` that keeps what it is told, and shows it. */
export const keepIn =
  (events: RegistrationEvent[]) =>
  (event: RegistrationEvent): void => {
    events.push(event)
    show(event)
  }
