import { subscribe } from 'node:diagnostics_channel'

import type { RegistrationEvent } from '@registrant/node'

type Attributes = Record<string, string | number>
interface Span {
  setStatus(status: { code: number }): unknown
  end(endTime?: number): void
}
interface Tracer {
  startSpan(name: string, options: { kind: number; startTime: number; attributes: Attributes }): Span
}
interface Meter {
  createHistogram(name: string, options: { unit: string }): { record(value: number, attributes: Attributes): void }
  createCounter(name: string): { add(value: number, attributes: Attributes): void }
}

/** A span and a duration for each request, and a count of everything that happened. */
export function observe(tracer: Tracer, meter: Meter): void {
  const duration = meter.createHistogram('http.client.request.duration', { unit: 's' })
  const events = meter.createCounter('registrant.events')
  subscribe('registrant', (event) => {
    if (!isEvent(event)) return
    events.add(1, { type: event.type })
    if (event.type !== 'request') return
    const { method, endpoint, status, reason, at, ms } = event
    const error: Attributes = status !== undefined && status < 400 ? {} : { 'error.type': reason ?? String(status) }
    const answered: Attributes = status === undefined ? {} : { 'http.response.status_code': status }
    const { hostname } = new URL(endpoint)
    const attributes = { 'http.request.method': method, 'server.address': hostname, ...answered, ...error }
    duration.record(ms / 1000, attributes)
    const options = { kind: 2, startTime: at - ms, attributes: { ...attributes, 'url.full': endpoint } } // kind CLIENT
    const span = tracer.startSpan(method, options)
    if ('error.type' in error) span.setStatus({ code: 2 }) // ERROR
    span.end(at)
  })
}

/** Nothing else is published on this channel. */
const isEvent = (message: unknown): message is RegistrationEvent => Object(message).type !== undefined
