// Client ID metadata documents: what each MUST of the drafts lets pass and what it refuses, and what is built.
import { InvalidRequestError } from '@registrant/node'
import { checkClientIdUrl, checkClientMetadataDocument, clientMetadataDocument } from '@registrant/node/identity'
import { describe, expect, test } from 'vitest'

import { publicKey as signing } from '../checks/rows.ts'
import { failure } from '../support/failure.ts'

const url = 'https://app.example/client.json'
const good = {
  client_id: url,
  client_name: 'Orders',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}
const publicKey = { ...signing, kid: 'one', use: undefined }
const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] } }

const both = (newest: string, oldest: string): string => `CIMD draft 02 section ${newest}, draft 00 section ${oldest}`

describe('an address as an identifier, by section 3 of both drafts', () => {
  const rows: [what: string, rule: string, passes: string[], breaks: string[]][] = [
    [
      'uses https',
      'client-id-scheme',
      [url, 'HTTPS://app.example/c'],
      ['http://app.example/c', 'app.example:/c', '/c', ''],
    ],
    [
      'has no user info',
      'client-id-user-info',
      ['https://app.example/@c'],
      ['https://u@app.example/c', 'https://u:p@app.example/c', 'https://@app.example/c'],
    ],
    [
      'has a path',
      'client-id-path',
      ['https://app.example/', 'https://app.example/c'],
      ['https://app.example', 'https://app.example?c', 'https://app.example:8443'],
    ],
    [
      'has no dot segments',
      'client-id-dots',
      ['https://app.example/.well-known/c', 'https://app.example/a/...', 'https://app.example/..c'],
      [
        'https://app.example/.',
        'https://app.example/../c',
        'https://app.example/a/./c',
        'https://app.example/%2e%2E/c',
        'https://app.example/a/.%2e',
      ],
    ],
    [
      'has no fragment',
      'client-id-fragment',
      ['https://app.example/c%23'],
      ['https://app.example/c#', 'https://app.example/c#x'],
    ],
    ['names a host', 'client-id-host', ['https://app.example:8443/c'], ['https:///c', 'https:/c']],
  ]
  test.each(rows)('%s', (_, rule, passes, breaks) => {
    for (const it of passes)
      expect(
        checkClientIdUrl(it).filter(({ level }) => level === 'MUST'),
        it,
      ).toEqual([])
    for (const it of breaks)
      expect(checkClientIdUrl(it), it).toContainEqual({
        member: 'client_id',
        rule,
        level: 'MUST',
        message: expect.stringMatching(/^[^\n]{10,160}\.$/),
        source: both('3', '3'),
      })
  })

  test('is written as RFC 3986 has it, and not mended', () => {
    for (const it of [
      'https://app.example/c d',
      'https://app.example\\c',
      'https://äpp.example/c',
      'https://app.example/%zz',
      ' https://app.example/c',
      'https://app.example/c\n',
      'https://a:99999/c',
    ])
      expect(checkClientIdUrl(it), it).toContainEqual(expect.objectContaining({ rule: 'client-id-url', level: 'MUST' }))
  })

  test.each([
    ['has no query', 'client-id-query', 'https://app.example/c?x', both('3', '3')],
    ['has another path than the root', 'client-id-root', 'https://app.example/', 'CIMD draft 02 section 3'],
    ['names a host that servers ask', 'client-id-public', 'https://127.0.0.1/c', both('8.6', '6.5')],
    ['names a host that servers ask', 'client-id-public', 'https://app.localhost/c', both('8.6', '6.5')],
    ['is spelled as others will spell it', 'client-id-spelling', 'https://App.example:443/c', both('3', '3')],
  ])('%s (SHOULD)', (_, rule, it, source) => {
    expect(checkClientIdUrl(it)).toEqual([expect.objectContaining({ rule, level: 'SHOULD', source })])
  })

  test('may have a port', () => {
    expect(checkClientIdUrl('https://app.example:8443/c')).toEqual([])
  })
})

describe('a document', () => {
  test('about which nothing can be said', () => {
    expect(checkClientMetadataDocument(url, good)).toEqual([])
    expect(checkClientMetadataDocument(url, JSON.stringify({ ...good, ...keyed }))).toEqual([])
    expect(
      checkClientMetadataDocument(url, { ...good, software_statement: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }).filter(
        ({ member }) => member !== 'software_statement',
      ),
    ).toEqual([])
  })

  const method = (token_endpoint_auth_method: string): object => ({ ...good, token_endpoint_auth_method })
  const section = both('4.1', '4.1')
  const rows: [what: string, rule: string, member: string, source: string, passes: object, breaks: unknown[]][] = [
    [
      'is a JSON object (section 4)',
      'document-json',
      'document',
      both('4', '4.1'),
      good,
      ['{', '[]', '"x"', 'null', undefined, [good]],
    ],
    [
      'has its address as client_id (section 4)',
      'document-client-id',
      'client_id',
      both('4', '4.1'),
      good,
      [
        { ...good, client_id: undefined },
        { ...good, client_id: `${url}/` },
        { ...good, client_id: 'https://app.example:443/client.json' },
        { ...good, client_id: 'https://APP.example/client.json' },
        { ...good, client_id: 5 },
      ],
    ],
    [
      'has no method with a shared secret (section 4.1)',
      'document-method',
      'token_endpoint_auth_method',
      section,
      { ...good, ...keyed },
      [
        method('client_secret_basic'),
        method('client_secret_post'),
        method('client_secret_jwt'),
        method('client_secret_of_a_vendor'),
      ],
    ],
    [
      'has no secret (section 4.1)',
      'document-secret',
      'client_secret',
      section,
      good,
      [
        { ...good, client_secret: 's' },
        { ...good, client_secret: null },
        { ...good, client_secret: '' },
      ],
    ],
    [
      'has no end of a secret (section 4.1)',
      'document-secret',
      'client_secret_expires_at',
      section,
      good,
      [{ ...good, client_secret_expires_at: 0 }],
    ],
    [
      'has no private key (section 4.1)',
      'document-private-key',
      'jwks',
      'CIMD draft 02 section 4.1, RFC 7591 section 2',
      { ...good, ...keyed },
      [
        { ...good, ...keyed, jwks: { keys: [{ ...publicKey, d: 'Aw' }] } },
        { ...good, ...keyed, jwks: { keys: [{ kty: 'oct', k: 'Aw' }] } },
      ],
    ],
    [
      'has no private key anywhere (section 4.1)',
      'document-private-key',
      'vendor',
      'CIMD draft 02 section 4.1',
      { ...good, vendor: { key: publicKey } },
      [{ ...good, vendor: { deep: [{ ...publicKey, d: 'Aw' }] } }],
    ],
  ]
  test.each(rows)('%s', (_, rule, member, source, passes, breaks) => {
    expect(checkClientMetadataDocument(url, passes).filter(({ level }) => level === 'MUST')).toEqual([])
    for (const it of breaks)
      expect(checkClientMetadataDocument(url, it)).toContainEqual({
        member,
        rule,
        level: 'MUST',
        message: expect.stringMatching(/^[^\n]{10,160}\.$/),
        source,
      })
  })

  test('of private_key_jwt has keys (section 8.2)', () => {
    expect(
      checkClientMetadataDocument(url, { ...good, ...keyed, jwks: undefined, jwks_uri: 'https://app.example/jwks' }),
    ).toEqual([])
    expect(checkClientMetadataDocument(url, { ...good, ...keyed, jwks: undefined })).toContainEqual(
      expect.objectContaining({ rule: 'R14', level: 'MUST', member: 'jwks' }),
    )
  })

  test('is judged with its address', () => {
    const there = 'http://app.example/c'
    expect(checkClientMetadataDocument(there, { ...good, client_id: there }).map(({ rule }) => rule)).toEqual([
      'client-id-scheme',
    ])
  })

  test('that is nested deeper than anybody reads is none', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const rules = checkClientMetadataDocument('https://app.example/client.json', deep).map(({ rule }) => rule)
    expect(rules).toEqual(['document-json'])
  })

  test('with members of other types is judged by what it says, and throws nothing', () => {
    const odd = { token_endpoint_auth_methods_supported: [{ toString: 1 }, 'client_secret_post'], jwks: [{ keys: 5 }] }
    const rules = checkClientMetadataDocument('https://app.example/client.json', odd).map(({ rule }) => rule)
    expect(rules).toContain('document-method')
    for (const wrong of [null, 5, Symbol('an address')])
      expect(Reflect.apply(checkClientMetadataDocument, undefined, [wrong, undefined])).toContainEqual(
        expect.objectContaining({ rule: 'client-id-scheme' }),
      )
  })

  test('keeps the rules that its metadata have anyway', () => {
    expect(checkClientMetadataDocument(url, { ...good, redirect_uris: ['/callback'] })).toContainEqual(
      expect.objectContaining({ rule: 'R05', level: 'MUST' }),
    )
  })

  test.each([
    ['says how it authenticates', { ...good, token_endpoint_auth_method: undefined }, 'token_endpoint_auth_method'],
    [
      'offers no methods with a secret',
      { ...good, token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'] },
      'token_endpoint_auth_methods_supported',
    ],
    ['has at most 5 kB', { ...good, client_name: 'n'.repeat(5000) }, 'document'],
    ['has https addresses for what servers fetch', { ...good, logo_uri: 'http://app.example/logo.png' }, 'logo_uri'],
    [
      'has public addresses for what servers fetch',
      { ...good, ...keyed, jwks: undefined, jwks_uri: 'https://10.0.0.1/jwks' },
      'jwks_uri',
    ],
    ['has a name, as MCP wants', { ...good, client_name: undefined }, 'client_name'],
  ])('%s (SHOULD)', (_, it, member) => {
    expect(checkClientMetadataDocument(url, it)).toEqual([expect.objectContaining({ level: 'SHOULD', member })])
  })

  test('with a management token is worth an alarm', () => {
    expect(checkClientMetadataDocument(url, { ...good, registration_access_token: 't' })).toContainEqual(
      expect.objectContaining({ rule: 'document-secret', level: 'MUST' }),
    )
  })
})

describe('clientMetadataDocument()', () => {
  test('puts the address into it as it was given, and none where no method is said', () => {
    const { client_id: _, token_endpoint_auth_method: __, ...metadata } = good
    const spelled = 'https://App.example:443/client.json'
    expect(clientMetadataDocument(spelled, metadata)).toEqual({ ...good, client_id: spelled })
  })

  test('leaves out what is unsaid, and adds nothing', () => {
    const document = clientMetadataDocument(url, {
      redirect_uris: ['https://app.example/cb'],
      client_name: '',
      scope: undefined,
    })
    expect(document).toEqual({
      client_id: url,
      redirect_uris: ['https://app.example/cb'],
      token_endpoint_auth_method: 'none',
    })
  })

  test('makes what Solid and AT Protocol read', () => {
    const solid = clientMetadataDocument(url, {
      '@context': ['https://www.w3.org/ns/solid/oidc-context.jsonld'],
      client_name: 'Solid app',
      redirect_uris: ['https://app.example/callback'],
      scope: 'openid webid offline_access',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      require_auth_time: true,
    })
    expect(checkClientMetadataDocument(url, solid)).toEqual([])
    const atproto = clientMetadataDocument(url, {
      application_type: 'web',
      client_name: 'AT Protocol app',
      dpop_bound_access_tokens: true,
      grant_types: ['authorization_code', 'refresh_token'],
      jwks_uri: 'https://app.example/jwks.json',
      redirect_uris: ['https://app.example/callback'],
      response_types: ['code'],
      scope: 'atproto transition:generic',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
    })
    expect(checkClientMetadataDocument(url, atproto)).toEqual([])
  })

  test('takes members of a vendor by its type parameter', () => {
    const document = clientMetadataDocument<{ vendor_flag: boolean }>(url, {
      redirect_uris: good.redirect_uris,
      vendor_flag: true,
    })
    expect(document.vendor_flag).toBe(true)
  })

  test('refuses what no server would take, with all findings at once', async () => {
    const broken = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'client_secret_basic' }
    const error = await failure((async () => clientMetadataDocument('http://app.example', broken))())
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect(error).toMatchObject({
      code: 'invalid-request',
      outcome: 'not-sent',
      findings: ['client-id-scheme', 'client-id-path', 'document-method'].map((rule) =>
        expect.objectContaining({ rule }),
      ),
    })
  })

  test('speaks of the document in what it refuses, and of no request', () => {
    expect(() => clientMetadataDocument('http://app.example/client.json', {})).toThrow(
      /^No server would take the document: client_id: /,
    )
  })

  test('refuses metadata that name another client', () => {
    const another = { redirect_uris: ['https://app.example/callback'], client_id: 'https://other.example/client.json' }
    const build = () => clientMetadataDocument('https://app.example/client.json', another)
    expect(build).toThrow(/client_id: It is another one/)
  })

  test('refuses more than 5 kB', () => {
    const build = (length: number): unknown =>
      clientMetadataDocument(url, { redirect_uris: ['https://app.example/cb'], client_name: 'n'.repeat(length) })
    expect(() => build(4800)).not.toThrow()
    expect(() => build(5000)).toThrow('5 kB')
  })
})
