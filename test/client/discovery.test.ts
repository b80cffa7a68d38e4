import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { NotSupportedError, PolicyError, RegistrationClient, TransportError } from '@registrant/node'
import type { AuthorizationServer } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { failure } from '../support/failure.ts'

describe('discovery', () => {
  test('asks the four places in order, and stops at the first document of the issuer', async () => {
    await using server = await startScriptedServer({}, { issuerPath: '/master' })
    server.script({
      discovery: (request, usual) =>
        request.path === '/master/.well-known/oauth-authorization-server'
          ? { body: { issuer: server.issuer, registration_endpoint: `${server.issuer}/register` } }
          : request.path.includes('/.well-known/') && request.path.startsWith('/master')
            ? { body: '<html>' }
            : { ...usual(), status: 404 },
    })
    const found = await new RegistrationClient({ issuer: server.issuer }).discover()
    expect(found.registration_endpoint).toBe(`${server.issuer}/register`)
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server/master',
      '/master/.well-known/openid-configuration',
      '/master/.well-known/oauth-authorization-server',
    ])
  })

  test('happens once for concurrent calls, and is kept for later ones', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    await Promise.all(Array.from({ length: 10 }, () => client.discover()))
    await client.register({ redirect_uris: ['https://app.example/cb'] })
    expect(server.requestsTo('discovery')).toHaveLength(1)
  })

  test('gives each caller a copy of what is kept', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    const one = await client.discover()
    one.registration_endpoint = 'https://elsewhere.example/register'
    expect((await client.discover()).registration_endpoint).toBe(`${server.issuer}/register`)
    expect(server.requestsTo('discovery')).toHaveLength(1)
  })

  test('is tried again after a failure', async () => {
    await using server = await startScriptedServer({ discovery: [{ status: 404 }, { status: 404 }] })
    const client = new RegistrationClient({ issuer: server.issuer })
    await failure(client.discover())
    expect((await client.discover()).issuer).toBe(server.issuer)
  })

  test('compares the issuer exactly, and uses nothing of a document that names another', async () => {
    await using server = await startScriptedServer({}, { metadata: { issuer: 'https://evil.example' } })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).discover())
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ code: 'policy', rule: 'issuer-mismatch', outcome: 'not-sent' })
    expect(error.message).toContain('https://evil.example')
    expect(error.message).toContain('/.well-known/openid-configuration (of another issuer)')
  })

  test('shows no login that stands in the issuer of another document', async () => {
    await using server = await startScriptedServer({}, { metadata: { issuer: 'https://admin:hunter2@evil.example/a' } })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).discover())
    expect(error).toMatchObject({ rule: 'issuer-mismatch' })
    expect(error.message).toContain('the issuer https://[redacted]@evil.example/a, not')
    expect(error.message).not.toMatch(/admin|hunter2/)
  })

  test('that finds no document lists each address with its status, and tells of realms and of the way out', async () => {
    await using server = await startScriptedServer({ discovery: { status: 404 } })
    const error = await failure(new RegistrationClient({ issuer: `${server.url}/app` }).discover())
    expect(error).toBeInstanceOf(NotSupportedError)
    expect(error).toMatchObject({ code: 'no-registration-endpoint', outcome: 'not-sent' })
    for (const place of [
      '/.well-known/oauth-authorization-server/app (404)',
      '/app/.well-known/openid-configuration (404)',
      '/app/.well-known/oauth-authorization-server (404)',
      '/.well-known/openid-configuration/app (404)',
      '/master',
      'option server',
    ]) {
      expect(error.message).toContain(place)
    }
  })

  test('that finds a document without a registration endpoint says so', async () => {
    await using server = await startScriptedServer({}, { metadata: { registration_endpoint: undefined } })
    const error = await failure(
      new RegistrationClient({ issuer: server.issuer }).register({ redirect_uris: ['https://app.example/cb'] }),
    )
    expect(error).toMatchObject({ name: 'NotSupportedError', code: 'no-registration-endpoint' })
    expect(error.message).toContain('option server')
  })

  const documentsAt = (
    documents: (issuer: string) => Record<string, object | { status: number; headers: Record<string, string> }>,
    issuerPath = '',
  ): ReturnType<typeof startScriptedServer> =>
    startScriptedServer(
      {
        discovery: ({ path, headers }) => {
          const found = documents(`http://${headers.host}${issuerPath}`)[path]
          return found === undefined ? { status: 404 } : 'status' in found ? found : { body: found }
        },
      },
      { open: true, issuerPath },
    )

  test('goes on past a document of the host that stands at every place', async () => {
    await using server = await documentsAt(
      (issuer) => ({
        '/.well-known/oauth-authorization-server/tenant': {
          issuer: 'https://host.example',
          registration_endpoint: 'https://host.example/r',
        },
        '/tenant/.well-known/openid-configuration': { issuer, registration_endpoint: `${issuer}/register` },
      }),
      '/tenant',
    )
    const found = await new RegistrationClient({ issuer: server.issuer }).discover()
    expect(found.registration_endpoint).toBe(`${server.issuer}/register`)
  })

  test('goes on past a document that names no registration endpoint, and keeps it where no other does', async () => {
    const spring = (both: boolean) => (issuer: string) => ({
      '/.well-known/oauth-authorization-server': { issuer, token_endpoint: `${issuer}/token` },
      '/.well-known/openid-configuration': both ? { issuer, registration_endpoint: `${issuer}/connect` } : { issuer },
    })
    await using server = await documentsAt(spring(true))
    const found = await new RegistrationClient({ issuer: server.issuer }).discover()
    expect(found.registration_endpoint).toBe(`${server.issuer}/connect`)
    await using other = await documentsAt(spring(false))
    expect(await new RegistrationClient({ issuer: other.issuer }).discover()).toMatchObject({
      token_endpoint: `${other.issuer}/token`,
    })
  })

  const callback = { redirect_uris: ['https://app.example/cb'] }
  const oauth = '/.well-known/oauth-authorization-server'
  const openid = '/.well-known/openid-configuration'
  const busy = { status: 503, headers: { 'retry-after': '60' } }

  test.each([
    ['fails', { status: 500, headers: {} }, { code: 'transport' }],
    ['wants to be left alone', busy, { code: 'server-refused', retryAfter: 60_000 }],
  ])('takes no document for the last word on registering while another place %s', async (_, trouble, error) => {
    let isTroubled = true
    await using server = await documentsAt((issuer) => ({
      [oauth]: { issuer, token_endpoint: `${issuer}/token` },
      [openid]: isTroubled ? trouble : { issuer, registration_endpoint: `${issuer}/register` },
    }))
    const client = new RegistrationClient({ issuer: server.issuer })
    const told = await failure(client.register(callback))
    expect(told).toMatchObject({ ...error, outcome: 'not-sent' })
    expect(told.message).toContain('No metadata that say where clients register')
    expect(await client.discover()).toMatchObject({ token_endpoint: `${server.issuer}/token` })
    isTroubled = false
    await client.register(callback)
    expect(server.clients()).toBe(1)
  })

  test('takes no document for the last word on registering where a page could not read another place', async () => {
    const issuer = 'https://as.example'
    let isDown = true
    const answer = (url: string, init?: RequestInit): Response => {
      if (init?.method === 'POST') return Response.json({ ...callback, client_id: 'c1' }, { status: 201 })
      if (url.endsWith(oauth)) return Response.json({ issuer })
      if (isDown) throw new TypeError('Failed to fetch')
      return Response.json({ issuer, registration_endpoint: `${issuer}/register` })
    }
    vi.stubGlobal('origin', 'https://app.example')
    onTestFinished(() => void vi.unstubAllGlobals())
    const client = new RegistrationClient({ issuer, fetch: async (url, init) => answer(new Request(url).url, init) })
    expect(await failure(client.register(callback))).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    isDown = false
    expect(await client.register(callback)).toMatchObject({ client_id: 'c1' })
  })

  test.each([500, 404])(
    'takes nobody at his word that a server registers no more while it moves (%i)',
    async (status) => {
      let isMoving = false
      await using server = await documentsAt((issuer) => ({
        [oauth]: { issuer, token_endpoint: `${issuer}/token` },
        [openid]: isMoving ? { status, headers: {} } : { issuer, registration_endpoint: `${issuer}/register` },
      }))
      const client = new RegistrationClient({ issuer: server.issuer })
      await client.discover()
      isMoving = true
      server.script({ register: [{ status: 404 }] })
      expect(await failure(client.register(callback))).toMatchObject({ code: 'server-refused', status: 404 })
      isMoving = false
      await client.register(callback)
      expect(server.clients()).toBe(1)
    },
  )

  test('says that a server is in trouble before what else stood at other places', async () => {
    const elsewhere = { issuer: 'https://host.example', registration_endpoint: 'https://host.example/register' }
    await using other = await documentsAt(() => ({ [oauth]: busy, [openid]: elsewhere }))
    const error = await failure(new RegistrationClient({ issuer: other.issuer }).discover())
    expect(error).toMatchObject({ code: 'server-refused', retryAfter: 60_000 })
    expect(error.message).toContain('belongs to the issuer https://host.example')
    const away = { status: 302, headers: { location: 'https://sign-in.example/' } }
    await using signIn = await documentsAt(() => ({ [oauth]: away, [openid]: { status: 500, headers: {} } }))
    const told = await failure(new RegistrationClient({ issuer: signIn.issuer }).discover())
    expect(told).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(told.message).toContain('(302 to https://sign-in.example/)')
  })

  test('asks the same place with a slash where it is sent there, and names the target of any other redirect', async () => {
    await using server = await documentsAt((issuer) => ({
      '/.well-known/openid-configuration': { status: 301, headers: { location: '/.well-known/openid-configuration/' } },
      '/.well-known/openid-configuration/': { issuer, registration_endpoint: `${issuer}/register` },
    }))
    expect((await new RegistrationClient({ issuer: server.issuer }).discover()).issuer).toBe(server.issuer)
    await using elsewhere = await documentsAt(() => ({
      '/.well-known/openid-configuration': { status: 302, headers: { location: 'https://sign-in.example/page?a=b' } },
    }))
    const error = await failure(new RegistrationClient({ issuer: elsewhere.issuer }).discover())
    expect(error).toMatchObject({ rule: 'redirect', status: 302, outcome: 'not-sent' })
    expect(error.message).toContain('(302 to https://sign-in.example/page)')
    expect(error.message).toContain('option server')
  })

  test('says so when a metadata address was given as the issuer', async () => {
    await using server = await startScriptedServer()
    const issuer = `${server.url}/.well-known/openid-configuration`
    const error = await failure(new RegistrationClient({ issuer }).discover())
    expect(error.message).toContain('That is the address of a metadata document')
  })

  test('refuses an issuer with query or fragment, and asks nobody', async () => {
    await using server = await startScriptedServer()
    for (const issuer of [`${server.url}?tenant=7`, `${server.url}/a#b`, `${server.url}/?`]) {
      const error = await failure(new RegistrationClient({ issuer }).discover())
      expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
    }
    expect(server.requests).toHaveLength(0)
  })

  test('takes no endpoint on this machine from an issuer elsewhere', async () => {
    const document = { issuer: 'https://as.example', registration_endpoint: 'http://127.0.0.1:9/register' }
    const rules: unknown[] = []
    const client = new RegistrationClient({
      issuer: document.issuer,
      fetch: () => Promise.resolve(Response.json(document)),
      onEvent: (event) => event.type === 'deviation' && rules.push(event.deviation.member),
    })
    const error = await failure(client.register({ redirect_uris: ['https://app.example/cb'] }))
    expect(error).toMatchObject({ code: 'no-registration-endpoint' })
    expect(rules).toEqual(['registration_endpoint'])
  })

  test.for([
    'https://127.9.9.9/t',
    'https://0.0.0.0/t',
    'https://[::ffff:127.0.0.1]/t',
    'https://[::]/t',
    'https://localhost./t',
    'https://as.localhost/t',
    'https://2130706433/t',
  ])('nor a mutual-TLS alias in whatever spelling: %s', async (token_endpoint) => {
    const issuer = 'https://as.example'
    const introspection_endpoint = 'https://mtls.as.example/i'
    const document = { issuer, mtls_endpoint_aliases: { token_endpoint, introspection_endpoint }, token_endpoint }
    const client = new RegistrationClient({ issuer, fetch: () => Promise.resolve(Response.json(document)) })
    const found = await client.discover()
    expect(found.mtls_endpoint_aliases).toEqual({ introspection_endpoint })
    expect(found.token_endpoint).toBeUndefined()
  })

  test('names the limit that a document is over', async () => {
    await using server = await startScriptedServer({ discovery: { body: '['.repeat(40) } })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).discover())
    expect(error.message).toContain('nested deeper than 32 levels')
  })

  test('repeats a document request that a gateway failed, and nothing else is ever repeated', async () => {
    await using server = await startScriptedServer({ discovery: [{ status: 503 }], register: { status: 503 } })
    const client = new RegistrationClient({ issuer: server.issuer })
    await failure(client.register({ redirect_uris: ['https://app.example/cb'] }))
    expect(server.requestsTo('discovery')).toHaveLength(2)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('asks a server that wants to be left alone for longer than a call lasts once at each place, and says for how long', async () => {
    await using server = await startScriptedServer({ discovery: busy })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).discover())
    expect(error).toMatchObject({ code: 'server-refused', outcome: 'not-sent', status: 503, retryAfter: 60_000 })
    expect(error.message).toContain('/.well-known/openid-configuration (503)')
    const paths = server.requestsTo('discovery').map(({ path }) => path)
    expect(paths).toEqual([...new Set(paths)])
  })

  test('of a server that is not there is a transport error, and nothing was sent', async () => {
    const server = await startScriptedServer()
    await server.close()
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).discover())
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ outcome: 'not-sent' })
  })

  test('is left out when the server is given, whatever it publishes', async () => {
    await using server = await startScriptedServer({ discovery: { status: 500 } }, { open: true })
    const client = new RegistrationClient({
      server: { issuer: 'https://as.example', registration_endpoint: `${server.url}/register` },
    })
    expect((await client.register({ redirect_uris: ['https://app.example/cb'] })).client_id).toBe(server.clientIds()[0])
    expect(server.requestsTo('discovery')).toHaveLength(0)
  })

  test('tells an outage as it is, also where what would ask again can not be loaded', async () => {
    await using server = await startScriptedServer({ discovery: { status: 503 } })
    const withoutRetry = `
      import { registerHooks } from 'node:module'
      registerHooks({ load(url, context, next) {
        if (url.endsWith('/retry.js')) throw (console.log('not loaded'), new Error('offline'))
        return next(url, context)
      } })`
    const program = `
      import { RegistrationClient } from '@registrant/node'
      const client = new RegistrationClient({ issuer: ${JSON.stringify(server.issuer)} })
      await client.discover().catch(({ code, message }) => console.log(code, message))`
    const hooks = `data:text/javascript,${encodeURIComponent(withoutRetry)}`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', hooks, '--input-type=module', '--eval', program],
      { cwd: import.meta.dirname, timeout: 20_000 },
    )
    expect(stdout).toMatch(/^not loaded\ntransport No authorization server metadata .*\(503\).* is in trouble/)
  })
})

test('options that cannot work are refused when they are given', async () => {
  const wrong = [
    { issuer: 'not an address' },
    { issuer: 'https://as.example', timeout: 0 },
    { issuer: 'https://as.example', timeout: Number.NaN },
  ]
  for (const options of wrong) {
    const error = await failure(Promise.resolve().then(() => new RegistrationClient(options)))
    expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'invalid-request', outcome: 'not-sent' })
  }
})

describe('the option server', () => {
  const metadata = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }
  const forms: [what: string, given: (plain: AuthorizationServer) => object][] = [
    ['an object', (plain) => plain],
    ['a proxy', (plain) => new Proxy(plain, {})],
    ['one with a function', (plain) => ({ ...plain, supportsPKCE: () => true })],
    ['one with null for what is not there', (plain) => ({ ...plain, mtls_endpoint_aliases: null, jwks: null })],
    ['one with a list that is none', (plain) => ({ ...plain, code_challenge_methods_supported: { S256: true } })],
  ]
  test.for(forms)('may be %s', async ([, given]) => {
    await using open = await startScriptedServer({}, { open: true })
    const plain = { issuer: open.issuer, registration_endpoint: `${open.issuer}/register` }
    const options = Object.assign({ issuer: undefined, server: plain }, { server: given(plain) })
    const client = new RegistrationClient({ ...options, onEvent: () => undefined })
    expect(await client.discover()).toEqual(plain)
    expect(await client.register(metadata)).toHaveProperty('client_id')
  })
})
