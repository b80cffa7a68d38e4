// checkDocumentAt(): a document as an authorization server would fetch it, over real TLS.
import { checkDocumentAt, clientMetadataDocument, metadataDocumentHandler } from '@registrant/node/identity'
import type { FetchHandler } from '@registrant/node/identity'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import type { Host } from './host.ts'
import { startHost } from './host.ts'

let host: Host
beforeAll(async () => void (host = await startHost()))
afterAll(() => host[Symbol.asyncDispose]())

const metadata = {
  client_name: 'Orders',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code'],
  response_types: ['code'],
}

async function rulesAt(handler: FetchHandler): Promise<string[]> {
  host.serve('/client.json', handler)
  const options = { allowLoopback: true, ca: host.ca }
  const { findings } = await checkDocumentAt(`${host.url}/client.json`, options)
  return findings.map(({ rule, level }) => `${level} ${rule}`)
}

test('a document that we serve is taken, but for a host that has no name', async () => {
  const document = clientMetadataDocument(`${host.url}/client.json`, metadata)
  expect(await rulesAt(metadataDocumentHandler(document))).toEqual(['SHOULD client-id-public'])
})

test.each([
  [
    'a redirect',
    () => new Response(null, { status: 302, headers: { location: '/elsewhere.json' } }),
    'MUST document-redirect',
  ],
  ['another success', () => new Response('{}', { status: 203 }), 'MUST document-status'],
  ['an error', () => new Response('no', { status: 404 }), 'MUST document-status'],
  ['a page', () => new Response('<p>', { headers: { 'content-type': 'text/html' } }), 'MUST document-media-type'],
  ['no JSON', () => new Response('{', { headers: { 'content-type': 'application/json' } }), 'MUST document-json'],
  ['more than 5 kB', () => new Response('x'.repeat(200_000)), 'SHOULD document-size'],
])('%s is what a server would not take', async (_, answer, rule) => {
  expect(await rulesAt(async () => answer())).toContain(rule)
})

test('a more specific media type is JSON too', async () => {
  const document = clientMetadataDocument(`${host.url}/client.json`, metadata)
  const headers = { 'content-type': 'application/ld+json; charset=utf-8' }
  expect(await rulesAt(async () => new Response(JSON.stringify(document), { headers }))).toEqual([
    'SHOULD client-id-public',
  ])
})

test.each([
  'https://127.0.0.1/c',
  'https://[::1]/c',
  'https://10.0.0.1/c',
  'https://169.254.169.254/c',
  'https://localhost/c',
])('nobody asks %s', async (url) => {
  const { findings, document } = await checkDocumentAt(url)
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'document-public', level: 'MUST' }))
  expect(document).toBeUndefined()
})

test('an address that is no identifier is not asked', async () => {
  const before = host.asked.length
  const { findings } = await checkDocumentAt(`${host.url}/client.json#x`, { allowLoopback: true, ca: host.ca })
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'client-id-fragment' }))
  expect(host.asked).toHaveLength(before)
})

test('a caller who leaves gets its own reason, before anything is asked and in the middle', async () => {
  const url = `${host.url}/client.json`
  const options = { allowLoopback: true, ca: host.ca }
  const reason = new Error('mine')
  const leaving = new AbortController()
  host.serve('/client.json', () => {
    leaving.abort(reason)
    return new Promise(() => undefined)
  })
  for (const signal of [AbortSignal.abort(reason), leaving.signal])
    expect(await failure(checkDocumentAt(url, { ...options, signal }))).toMatchObject({
      code: 'aborted',
      outcome: 'not-sent',
      cause: reason,
    })
})

test.each([-1, 0, Number.NaN, 2 ** 31])('a timeout of %d is refused by its name', async (timeout) => {
  expect(await failure(checkDocumentAt('https://app.example/client.json', { timeout }))).toMatchObject({
    code: 'invalid-request',
    findings: [{ member: 'timeout' }],
  })
})

test('what does not answer in time, or whose certificate nobody vouches for, is an error and no finding', async () => {
  host.serve('/client.json', () => new Promise(() => undefined))
  const url = `${host.url}/client.json`
  const late = await failure(checkDocumentAt(url, { allowLoopback: true, ca: host.ca, timeout: 100 }))
  const unknown = await failure(checkDocumentAt(url, { allowLoopback: true }))
  expect([late.code, unknown.code]).toEqual(['transport', 'transport'])
})
