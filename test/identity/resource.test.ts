// From a protected resource to its authorization server: challenges, metadata (RFC 9728), and MCP's rules.
import type { RequestListener } from 'node:http'

import { InvalidRequestError, NotSupportedError, PolicyError, TransportError } from '@registrant/node'
import { discoverProtectedResource, protectedResourceRequests, readChallenges } from '@registrant/node/identity'
import { describe, expect, test } from 'vitest'

import { listen } from '../servers/test-server.ts'
import { failure } from '../support/failure.ts'

describe('readChallenges()', () => {
  test('finds none in an answer without the header', () => {
    expect(readChallenges(new Headers().get('www-authenticate'))).toEqual([])
  })

  test.each([
    ['Bearer', [{ scheme: 'bearer', parameters: {} }]],
    [
      'Bearer realm="a, \\"b\\"", Error=invalid_token',
      [{ scheme: 'bearer', parameters: { realm: 'a, "b"', error: 'invalid_token' } }],
    ],
    [
      'Negotiate YWJj==, Basic realm="x" , DPoP algs="ES256"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'dpop', parameters: { algs: 'ES256' } },
      ],
    ],
    [
      'Basic, Bearer scope = "a b" , scope="c"',
      [
        { scheme: 'basic', parameters: {} },
        { scheme: 'bearer', parameters: { scope: 'a b' } },
      ],
    ],
    [
      'Bearer error="insufficient_scope",\t scope="files:write",\t resource_metadata="https://mcp.example/m"',
      [
        {
          scheme: 'bearer',
          parameters: { error: 'insufficient_scope', scope: 'files:write', resource_metadata: 'https://mcp.example/m' },
        },
      ],
    ],
    ['Bearer scope=files:read, resource_metadata=https://mcp.example/m', [{ scheme: 'bearer', parameters: {} }]],
    ['', []],
    ['"', []],
    ['Bearer realm="unclosed', [{ scheme: 'bearer', parameters: {} }]],
    [',,, Bearer ,,', [{ scheme: 'bearer', parameters: {} }]],
  ])('%s', (header, challenges) => {
    expect(readChallenges(header)).toEqual(challenges)
  })

  test('ends however long and odd a header is', () => {
    for (const odd of [
      'a'.repeat(50_000),
      'a=b,'.repeat(10_000),
      `Bearer ${'x="'.repeat(10_000)}`,
      'Bearer '.repeat(10_000),
      `A ${'/'.repeat(50_000)}`,
    ])
      expect(readChallenges(odd).length).toBeLessThanOrEqual(10_000)
  })
})

test('the places where metadata are looked for', () => {
  const urls = (resource: string, header?: string): string[] => {
    const refused = header === undefined ? undefined : { headers: new Headers({ 'www-authenticate': header }) }
    return protectedResourceRequests(resource, { refused }).map(({ url }) => url)
  }
  const wellKnown = 'https://mcp.example/.well-known/oauth-protected-resource'
  expect(urls('https://mcp.example/public/mcp')).toEqual([`${wellKnown}/public/mcp`, wellKnown])
  expect(urls('https://mcp.example')).toEqual([wellKnown])
  expect(urls('https://mcp.example/')).toEqual([wellKnown])
  expect(urls('https://mcp.example/mcp?tenant=1')).toEqual([`${wellKnown}/mcp?tenant=1`, wellKnown])
  expect(urls('https://mcp.example/mcp', 'Bearer resource_metadata="https://elsewhere.example/m"')).toEqual([
    'https://elsewhere.example/m',
    `${wellKnown}/mcp`,
    wellKnown,
  ])
  expect(urls('https://mcp.example/mcp', 'Bearer resource_metadata="/m"')[0]).toBe('https://mcp.example/m')
  expect(urls('https://mcp.example/mcp', 'Bearer resource_metadata=https://elsewhere.example/m')).toEqual([
    `${wellKnown}/mcp`,
    wellKnown,
  ])
  expect(() => urls('https://mcp.example/mcp', 'Bearer resource_metadata="http://elsewhere.example/m"')).toThrow(
    PolicyError,
  )
  expect(() => urls('http://mcp.example/mcp')).toThrow('https')
})

/** A resource on this machine: what it answers at which path; everything else is refused with a challenge, or not found. */
async function startResource(documents: (url: string) => Record<string, unknown>, challenge?: (url: string) => string) {
  const asked: string[] = []
  const respond: RequestListener = (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const found = documents(url)[path]
    if (found === breaksOff || found === neverEnds) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' })
      response.write('{"resource":"', () => found === breaksOff && response.destroy())
    } else if (typeof found === 'number') response.writeHead(found, { location: `${url}/elsewhere` }).end()
    else if (found !== undefined)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found))
    else if (path.includes('.well-known')) response.writeHead(404).end()
    else response.writeHead(401, challenge && { 'www-authenticate': challenge(url) }).end()
  }
  const { url, close } = await listen(respond)
  return { url, asked, [Symbol.asyncDispose]: close }
}

const breaksOff = Symbol('a document that breaks off')
const neverEnds = Symbol('a document that never ends')
const wellKnown = '/.well-known/oauth-protected-resource'
const servers = ['https://as.example', 'https://other.example/realm']

describe('discoverProtectedResource()', () => {
  test('goes from the answer 401 to the issuer by the place that it names', async () => {
    await using mcp = await startResource(
      (url) => ({
        '/metadata': {
          resource: `${url}/mcp`,
          authorization_servers: servers,
          scopes_supported: ['files:read', 'files:write'],
        },
      }),
      (url) => `Bearer resource_metadata="${url}/metadata", scope="files:read"`,
    )
    const resource = `${mcp.url}/mcp`
    const refused = await fetch(resource, { method: 'POST' })
    expect(refused.status).toBe(401)
    const found = await discoverProtectedResource(resource, { refused })
    expect(found).toMatchObject({ issuer: servers[0], issuers: servers, scope: 'files:read', resource: { resource } })
    expect(mcp.asked).toEqual(['/mcp', '/metadata'])
  })

  test('falls back to the well-known places, in their order', async () => {
    await using mcp = await startResource((url) => ({
      [wellKnown]: { resource: url, authorization_servers: servers, scopes_supported: ['a', 'b'] },
    }))
    const found = await discoverProtectedResource(`${mcp.url}/mcp`)
    expect(found).toMatchObject({ issuer: servers[0], scope: 'a b' })
    expect(mcp.asked).toEqual([`${wellKnown}/mcp`, wellKnown])
  })

  test.each([
    ['without quotes', (url: string) => `resource_metadata=${url}/metadata`],
    ['that must not be asked', () => 'resource_metadata="http://elsewhere.example/m"'],
    ['that is none', () => 'resource_metadata="http://["'],
    ['of which only the path is named', () => `resource_metadata="${wellKnown}/mcp"`],
  ])('finds what is at the well-known places though the resource names an address %s', async (_, named) => {
    await using mcp = await startResource(
      (url) => ({ [`${wellKnown}/mcp`]: { resource: `${url}/mcp`, authorization_servers: servers } }),
      (url) => `Bearer ${named(url)}`,
    )
    const refused = await fetch(`${mcp.url}/mcp`)
    expect(await discoverProtectedResource(`${mcp.url}/mcp`, { refused })).toMatchObject({ issuer: servers[0] })
  })

  test('says what was wrong with the address that the resource names, where there is nothing elsewhere', async () => {
    await using mcp = await startResource(
      () => ({}),
      () => 'Bearer resource_metadata="http://elsewhere.example/m"',
    )
    const refused = await fetch(mcp.url)
    expect(await failure(discoverProtectedResource(mcp.url, { refused }))).toMatchObject({ rule: 'insecure-address' })
    expect(mcp.asked).toContain(wellKnown)
  })

  test('reads the headers of an answer of node:http', async () => {
    await using mcp = await startResource((url) => ({
      '/metadata': { resource: `${url}/mcp`, authorization_servers: servers },
    }))
    const demand = `Bearer resource_metadata="${mcp.url}/metadata", scope="files:read"`
    for (const headers of [{ 'www-authenticate': demand }, { 'WWW-Authenticate': ['Basic', demand] }])
      expect(await discoverProtectedResource(`${mcp.url}/mcp`, { refused: { headers } })).toMatchObject({
        issuer: servers[0],
        scope: 'files:read',
      })
  })

  test.each(
    Object.entries({
      timeout: [-1, 0, Number.NaN, '5'],
      signal: ['x', null],
      known: [null, [5]],
      refused: [null, {}, { headers: 'Bearer' }],
      fetch: ['x'],
      allowHttp: ['http://127.0.0.1', 5],
    }),
  )('refuses what the option %s can not be, and asks nobody', async (option, values) => {
    await using mcp = await startResource(() => ({}))
    for (const value of values) {
      const error = await failure(discoverProtectedResource(mcp.url, { [option]: value }))
      expect(error).toBeInstanceOf(InvalidRequestError)
      expect(error.message).toContain(option)
    }
    expect(mcp.asked).toEqual([])
  })

  test('takes a part of a millisecond', async () => {
    await using mcp = await startResource((url) => ({ [wellKnown]: { resource: url, authorization_servers: servers } }))
    expect(await discoverProtectedResource(mcp.url, { timeout: 5000.5 })).toMatchObject({ issuer: servers[0] })
  })

  test('chooses the first issuer of the application that the resource names, in the order of the application', async () => {
    await using mcp = await startResource((url) => ({ [wellKnown]: { resource: url, authorization_servers: servers } }))
    expect(await discoverProtectedResource(mcp.url, { known: servers.toReversed() })).toMatchObject({
      issuer: servers.at(-1),
    })
    expect((await discoverProtectedResource(mcp.url, { known: ['https://x.example', servers[1] ?? ''] })).issuer).toBe(
      servers[1],
    )
  })

  test.each([
    ['another host', () => 'https://honest.example/mcp'],
    ['another path', (url: string) => `${url}/other`],
    ['a path that only begins alike', (url: string) => `${url}/mc`],
    ['a path below', (url: string) => `${url}/mcp/deeper`],
    ['no address', () => 'mcp'],
  ])('uses no metadata about another resource: %s', async (_, named) => {
    await using mcp = await startResource((url) => ({
      [`${wellKnown}/mcp`]: { resource: named(url), authorization_servers: servers },
    }))
    const error = await failure(discoverProtectedResource(`${mcp.url}/mcp`))
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ rule: 'resource-mismatch', outcome: 'not-sent' })
  })

  test.each([
    [
      'of another host',
      (url: string) => `https://admin:hunter2secret@other.example/mcp?api_key=MYKEY12345678&of=${url}`,
    ],
    ['of the same address with another query', (url: string) => `${url}/mcp?api_key=MYKEY12345678&tenant=2`],
  ])('shows no key of an address, and no login, in what it says of metadata %s', async (_, named) => {
    await using mcp = await startResource((url) => ({
      [`${wellKnown}/mcp?api_key=MYKEY12345678`]: { resource: named(url), authorization_servers: servers },
    }))
    const error = await failure(discoverProtectedResource(`${mcp.url}/mcp?api_key=MYKEY12345678`))
    expect(error).toMatchObject({ rule: 'resource-mismatch' })
    expect(error.message).not.toMatch(/MYKEY|hunter2/)
    expect(error.message).toMatch(
      /about the resource (?:https:\/\/other\.example\/mcp,|\S+\/mcp with another query or fragment,)/,
    )
  })

  test('follows no redirect', async () => {
    await using mcp = await startResource((url) => ({
      [wellKnown]: 302,
      '/elsewhere': { resource: url, authorization_servers: servers },
    }))
    expect(await failure(discoverProtectedResource(mcp.url))).toBeInstanceOf(NotSupportedError)
    expect(mcp.asked).toEqual([wellKnown])
  })

  test.each([
    ['nothing', undefined],
    ['no list', 'https://as.example'],
    ['an empty list', []],
    ['no texts', [5, null]],
  ])('says that no authorization server is named: %s', async (_, authorization_servers) => {
    await using mcp = await startResource((url) => ({ [wellKnown]: { resource: url, authorization_servers } }))
    expect(await failure(discoverProtectedResource(mcp.url))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('names no authorization server'),
    })
  })

  test('passes over issuers that must not be asked', async () => {
    const odd = [
      'http://as.example',
      'https://as.example?x',
      'https://as.example#x',
      'https://u:p@as.example',
      'as.example',
      'ftp://as.example',
    ]
    await using mcp = await startResource((url) => ({
      [wellKnown]: { resource: url, authorization_servers: [...odd, ...servers] },
      [`${wellKnown}/odd`]: { resource: `${url}/odd`, authorization_servers: odd },
    }))
    expect((await discoverProtectedResource(mcp.url)).issuers).toEqual(servers)
    expect(await failure(discoverProtectedResource(`${mcp.url}/odd`))).toMatchObject({ rule: 'insecure-address' })
  })

  test.each(['127.0.0.1', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', 'as.localhost', 'localhost.'])(
    'is not led to this machine by a resource elsewhere: %s',
    async (host) => {
      const resource = 'https://mcp.example/files'
      const asked: string[] = []
      const fetch = async (url: string | URL | Request): Promise<Response> => {
        asked.push(new URL(new Request(url).url).host)
        return Response.json({ resource, authorization_servers: [`https://${host}`] })
      }
      const refused = { headers: { 'www-authenticate': `Bearer resource_metadata="https://${host}/metadata"` } }
      const error = await failure(discoverProtectedResource(resource, { refused, fetch }))
      expect(error).toMatchObject({ code: 'policy', rule: 'insecure-address', outcome: 'not-sent' })
      expect(asked).toEqual(['mcp.example'])
      expect(() => protectedResourceRequests(resource, { refused })).toThrow('on this machine')
      const here = `https://${host}/files`
      expect(protectedResourceRequests(here, { refused })).toHaveLength(3)
    },
  )

  test('lists what was tried where there is nothing', async () => {
    await using mcp = await startResource(() => ({ [wellKnown]: 'a page' }))
    const error = await failure(discoverProtectedResource(`${mcp.url}/mcp`))
    expect(error).toBeInstanceOf(NotSupportedError)
    expect(error.message).toContain(`${wellKnown}/mcp (404)`)
    expect(error.message).toContain(`${wellKnown} (200, no metadata)`)
  })

  test('a resource in trouble is not one without metadata', async () => {
    await using mcp = await startResource(() => ({ [wellKnown]: 503 }))
    const error = await failure(discoverProtectedResource(mcp.url))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.outcome).toBe('not-sent')
  })

  test.each<[what: string, said: unknown]>([
    ['are in trouble', 503],
    ['ask for patience', 429],
    ['break off', breaksOff],
  ])('metadata that %s are not those of the host, which may name another authorization server', async (_, said) => {
    await using mcp = await startResource((url) => ({
      [`${wellKnown}/mcp`]: said,
      [wellKnown]: { resource: url, authorization_servers: servers },
    }))
    const error = await failure(discoverProtectedResource(`${mcp.url}/mcp`))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(error.message).toContain(`${wellKnown}/mcp`)
    expect(mcp.asked).toEqual([`${wellKnown}/mcp`])
  })

  test.each<[what: string, said: unknown]>([
    ['is in trouble', 503],
    ['breaks off', breaksOff],
  ])('the place for its path is asked where the one that the resource names %s', async (_, said) => {
    await using mcp = await startResource(
      (url) => ({
        '/.well-known/named': said,
        [`${wellKnown}/mcp`]: { resource: `${url}/mcp`, authorization_servers: servers },
      }),
      (url) => `Bearer resource_metadata="${url}/.well-known/named"`,
    )
    const refused = await fetch(`${mcp.url}/mcp`)
    expect(await discoverProtectedResource(`${mcp.url}/mcp`, { refused })).toMatchObject({ issuer: servers[0] })
  })

  test('metadata that break off at each place are no missing ones', async () => {
    await using mcp = await startResource(() => ({ [wellKnown]: breaksOff }))
    expect(await failure(discoverProtectedResource(mcp.url))).toMatchObject({ code: 'transport', outcome: 'not-sent' })
  })

  test('ends with its time, and with its caller, while metadata come', async () => {
    await using mcp = await startResource(() => ({ [wellKnown]: neverEnds }))
    const late = await failure(discoverProtectedResource(mcp.url, { timeout: 300 }))
    const left = await failure(discoverProtectedResource(mcp.url, { signal: AbortSignal.timeout(300) }))
    expect([late.code, left.code]).toEqual(['transport', 'aborted'])
  })

  test('ends with its time, and with its caller', async () => {
    const { url, close } = await listen(() => undefined)
    const late = await failure(discoverProtectedResource(url, { timeout: 50 }))
    const left = await failure(discoverProtectedResource(url, { signal: AbortSignal.timeout(50) }))
    expect([late.code, left.code]).toEqual(['transport', 'aborted'])
    await close()
  })
})
