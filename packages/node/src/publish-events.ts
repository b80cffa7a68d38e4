import { channel } from 'node:diagnostics_channel'

import { InvalidRequestError } from '@registrant/core'
import type { Finding, RegistrationEvent } from '@registrant/core'

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
 * @throws {InvalidRequestError} it was called without an event, and not given as `onEvent`
 */
export function publishEvents(event: RegistrationEvent): void {
  if (typeof Object(event).type !== 'string') throw new InvalidRequestError([notHandedOver])
  channel('registrant').publish(event)
  channel(`registrant:${event.type}`).publish(event)
}

/** Not by `demand()`: this stands in the main entry point, which is one file. */
const notHandedOver: Finding = {
  member: 'event',
  rule: 'option',
  level: 'MUST',
  message: 'Hand the function over: onEvent: publishEvents',
  source: 'options',
}
