import { channel } from 'node:diagnostics_channel'

import type { RegistrationEvent } from '@registrant/core'

import { demand } from './engine/options.ts'

/**
 * An `onEvent` that publishes every event on `node:diagnostics_channel`, for metrics and traces that know nothing of the
 * manager: on the channel `registrant`, and on one for its type, such as `registrant:replaced`.
 *
 * Messages are the events as `onEvent` gets them; none holds a secret. Publishing costs nothing where nobody subscribes.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 *
 * import { publishEvents, RegistrationClient } from '@registrant/node'
 *
 * subscribe('registrant', (event) => console.log(event))
 * const client = new RegistrationClient({ issuer: 'https://as.example', onEvent: publishEvents })
 * ```
 * @throws {InvalidRequestError} it was called without an event, and not handed over
 */
export function publishEvents(event: RegistrationEvent): void {
  demand(['event', typeof Object(event).type === 'string', 'Hand the function over: onEvent: publishEvents'])
  channel('registrant').publish(event)
  channel(`registrant:${event.type}`).publish(event)
}
