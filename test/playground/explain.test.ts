// What the playground explains: where a rule stands, and what may be written at a place.
import schemaFile from '@registrant/core/schema/registration-request.json' with { type: 'json' }
import { checkClientMetadataDocument, checkMcpClient } from '@registrant/node/identity'
import { expect, test } from 'vitest'

import { judge } from '../../docs/playground/judge.ts'
import { exampleNamed } from '../../docs/playground/examples.ts'
import { profiles } from '../../docs/playground/profiles.ts'
import { membersAt, schemaAt, valuesAt } from '../../docs/playground/schema.ts'
import type { JsonSchema } from '../../docs/playground/schema.ts'
import { sourcesOf } from '../../docs/playground/sources.ts'
import { bases } from '../checks/bases.ts'
import verdicts from '../data/verdicts.json' with { type: 'json' }

const schema: JsonSchema = schemaFile

test('every rule that a request, a document or a client of MCP can break leads to its section', () => {
  const requests = verdicts.map(({ base, differs }) => JSON.stringify({ ...bases[base], ...differs }))
  const found = [
    ...requests.flatMap((metadata) => judge({ ...exampleNamed(''), server: '', metadata }).findings),
    ...['http://me@app.example', 'https://127.0.0.1/', 'https://app.example/../a b?x#y'].flatMap((url) =>
      checkClientMetadataDocument(url, { client_secret: 'x', token_endpoint_auth_method: 'client_secret_post' }),
    ),
    ...checkMcpClient({ metadata: { redirect_uris: ['http://app.example'] } }),
  ]
  const sources = [...new Set(found.map(({ source }) => source))]
  expect(sources.length).toBeGreaterThan(25)
  for (const source of sources)
    for (const { text, href } of sourcesOf(source)) {
      expect(href, text).toMatch(
        /^https:\/\/(?:www\.rfc-editor\.org|openid\.net|datatracker\.ietf\.org|modelcontextprotocol\.io)\//,
      )
      const [, section = ''] = /(?:^|sections? )(\d+(?:\.\d+)*)$/.exec(text) ?? []
      expect(href?.endsWith(section), `${text}: ${href}`).toBe(true)
    }
})

test('sections of one specification lead to their places in it', () => {
  expect(sourcesOf('RFC 7518 sections 3.3, 4.2').map(({ href }) => href)).toEqual([
    'https://www.rfc-editor.org/rfc/rfc7518#section-3.3',
    'https://www.rfc-editor.org/rfc/rfc7518#section-4.2',
  ])
  expect(sourcesOf('CIMD draft 02 section 4, draft 00 section 4.1').map(({ href }) => href)).toEqual([
    'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-4',
    'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-4.1',
  ])
})

test('what a profile says leads to the page of the server', () => {
  for (const { profile, page } of profiles)
    expect(sourcesOf(profile.name)).toEqual([{ text: profile.name, href: page }])
})

test('members are completed with what they mean, those that are there are not', () => {
  const members = membersAt(schema, [], ['redirect_uris'])
  expect(members.map(({ label }) => label)).not.toContain('redirect_uris')
  expect(members.find(({ label }) => label === 'jwks_uri')).toMatchObject({
    insert: '"jwks_uri": "#{}"',
    info: expect.stringContaining("client's public keys"),
  })
  expect(membersAt(schema, ['jwks', 'keys', 0], []).map(({ label }) => label)).toContain('kty')
  expect(membersAt(schema, ['client_name'], [])).toEqual([])
})

test('values are completed where some are known, in a list or for the whole of it', () => {
  expect(valuesAt(schema, ['application_type']).map(({ insert }) => insert)).toEqual(['"web"', '"native"'])
  expect(valuesAt(schema, ['token_endpoint_auth_method']).map(({ insert }) => insert)).toContain('"private_key_jwt"')
  expect(valuesAt(schema, ['grant_types']).map(({ insert }) => insert)).toContain('["refresh_token"]')
  expect(valuesAt(schema, ['grant_types', 0]).map(({ insert }) => insert)).toContain('"refresh_token"')
  expect(valuesAt(schema, ['dpop_bound_access_tokens']).map(({ insert }) => insert)).toEqual(['true', 'false'])
  expect(valuesAt(schema, ['client_name'])).toEqual([])
  expect(valuesAt(schema, ['unknown', 0, 'x'])).toEqual([])
})

test('a member in a language means what the member means', () => {
  expect(schemaAt(schema, ['client_name#fr'])?.description).toBe(schemaAt(schema, ['client_name'])?.description)
})
