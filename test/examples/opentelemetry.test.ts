import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { memoryStore, publishEvents, RegistrationManager } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { observe } from '../../docs/examples/opentelemetry/observe.ts'
import { failure } from '../support/failure.ts'

test('the recipe for OpenTelemetry makes a span and a duration of each request, and counts what happened', async () => {
  const spans = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics })
  const meters = new MeterProvider({ readers: [reader] })
  observe(tracers.getTracer('registrant'), meters.getMeter('registrant'))

  await using server = await startScriptedServer(
    { register: [{ status: 503, body: { error: 'temporarily_unavailable' } }] },
    { open: true },
  )
  const started = () =>
    new RegistrationManager({
      issuer: server.issuer,
      application: 'orders',
      metadata: { redirect_uris: ['https://app.example/callback'] },
      store: memoryStore(),
      onEvent: publishEvents,
    })
  await failure(started().ensure())
  const { registration_access_token: secret = '' } = await started().ensure()

  const finished = spans.getFinishedSpans()
  expect(finished.map(({ name, attributes }) => `${name} ${String(attributes['http.response.status_code'])}`)).toEqual(
    server.requests.map(({ method, status }) => `${method} ${status}`),
  )
  for (const { kind, attributes, status, startTime, endTime } of finished) {
    expect(kind).toBe(SpanKind.CLIENT)
    expect(attributes).toMatchObject({ 'server.address': '127.0.0.1', 'url.full': expect.stringContaining(server.url) })
    const isError = attributes['http.response.status_code'] === 503
    expect(status.code).toBe(isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET)
    expect(attributes['error.type']).toBe(isError ? '503' : undefined)
    const [from, to] = [startTime, endTime].map(([seconds, nanoseconds]) => seconds * 1e9 + nanoseconds)
    expect(to).toBeGreaterThanOrEqual(from ?? Infinity)
  }

  await reader.forceFlush()
  const measured = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const counted = measured.find(({ descriptor }) => descriptor.name === 'registrant.events')?.dataPoints ?? []
  const countOf = (type: string): unknown => counted.find(({ attributes }) => attributes['type'] === type)?.value
  expect([countOf('request'), countOf('registered')]).toEqual([server.requests.length, 1])
  const duration = measured.find(({ descriptor }) => descriptor.name === 'http.client.request.duration')
  expect(duration?.descriptor.unit).toBe('s')
  expect(duration?.dataPoints.map(({ attributes }) => attributes['http.request.method'])).toContain('POST')
  expect(JSON.stringify([finished.map(({ attributes }) => attributes), measured])).not.toContain(secret)
  await meters.shutdown()
})
