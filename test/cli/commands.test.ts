import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { fileStore, RegistrationManager } from '@registrant/node'
import { managerFromEnvironment } from '@registrant/node/environment'
import { generateClientKeys, signSoftwareStatement } from '@registrant/node/keys'
import { canary, startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Script, TestServer } from '@registrant/test/servers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

import { startHost } from '../identity/host.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { program, registrant } from './run.ts'

const metadata = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'client_secret_basic',
}

const orders = (server: { issuer: string }): Record<string, string> => ({
  REGISTRANT_ISSUER: server.issuer,
  REGISTRANT_APPLICATION: 'orders',
  REGISTRANT_METADATA: JSON.stringify(metadata),
  REGISTRANT_STORE: 'file:state',
})

/** A folder, and a server in it that registers whoever asks; every output is searched for its secrets. */
async function openServer(
  options: Parameters<typeof startScriptedServer>[0] = {},
  usual: Parameters<typeof startScriptedServer>[1] = {},
) {
  const server = await startScriptedServer(options, { open: true, ...usual })
  const folder = await temporaryDirectory()
  const shown: string[] = []
  const run = async (
    args: string[],
    { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
  ) => {
    const ended = await registrant(args, { cwd: folder.path, env: { ...orders(server), ...env }, input })
    shown.push(ended.out, ended.error)
    expect(ended.error).not.toMatch(/^\s+at .*:\d+|node:internal/m)
    return ended
  }
  return {
    server,
    folder,
    run,
    async [Symbol.asyncDispose]() {
      for (const secret of server.secrets()) expect(shown.join('')).not.toContain(secret)
      await server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A client that pays for the registration. */
const paying = { REGISTRANT_CLIENT_ID: 'registers', REGISTRANT_CLIENT_SECRET: 'of no server' }

const clientOf = (server: TestServer): string => server.clientIds()[0] ?? ''

describe('a call that can not work ends with 2, and a sentence that names what is wrong and what to do', () => {
  test.for<[string[], RegExp, Record<string, string>?, string?]>([
    [['frob'], /There is no command "frob"\. See registrant help/],
    [['help', 'frob'], /There is no command "frob"/],
    [['help', 'ensure', 'status'], /help takes 1 at most/],
    [['--help', '--dry-run'], /There is no option --dry-run\./],
    [['--config'], /--config takes a value: --config FILE/],
    [['version', '--bogus'], /There is no option --bogus\. See registrant version --help/],
    [['--version', 'x'], /version takes no operand/],
    [['init'], /ISSUER is the address of the server.* Write registrant init ISSUER --application NAME/],
    [['init', ' https://as.example', '--application', 'a'], /ISSUER is the address of the server, such as https/],
    [['init', 'login'], /ISSUER is the address of the server, such as https/],
    [['init', 'https://as.example'], /Name the application with --application NAME/],
    [
      ['init', 'https://as.example', '--application', 'a', '--metadata', 'no.json'],
      /no\.json can not be read \(ENOENT\)/,
    ],
    [['ensure', '--dry'], /There is no option --dry\. /],
    [['ensure', '--dryrun'], /There is no option --dryrun\. Is --dry-run meant\?/],
    [['ensure', '--dry-run=yes'], /--dry-run takes no value\. Leave it out/],
    [
      ['ensure', '--config', '--dry-run'],
      /--config takes a value: --config FILE, or --config=FILE for one that begins/,
    ],
    [['ensure', '--config', 'a.json', '--config', 'b.json'], /--config stands here twice\. Give it once/],
    [['ensure', '--config', 'no.conf'], /no\.conf can not be (?:run|read)/],
    [
      ['init', 'https://as.example', '--application', 'a', '--config', 'registrant.config.ts'],
      /registrant\.config\.ts would hold JSON\. Name a file that ends with \.json/,
    ],
    [['ensure', '--config'], /--config takes a value: --config FILE/],
    [['ensure', '--config', 'no.json'], /--config: .*no\.json can not be read \(ENOENT\)/],
    [['ensure', 'orders'], /ensure takes no operand\. Write registrant ensure/],
    [['ensure'], /REGISTRANT_GENERATION: Give a whole number/, { REGISTRANT_GENERATION: 'v1' }],
    [
      ['ensure'],
      /REGISTRANT_ISSUER: An issuer has neither query nor fragment/,
      { REGISTRANT_ISSUER: 'https://a.example?b' },
    ],
    [['status'], /REGISTRANT_STORE: There is no store mongodb/, { REGISTRANT_STORE: 'mongodb://x' }],
    [['status', '-x'], /There is no option -x\. See registrant status --help/],
    [['read', 'x'], /read takes no operand/],
    [['rotate', 'x'], /rotate takes no operand/],
    [['doctor', '--origin', 'app'], /--origin takes the origin of a page, such as https:\/\/app\.example/],
    [['doctor', '--origin', 'app:page'], /--origin takes the origin of a page, such as https:\/\/app\.example/],
    [['doctor', '--origin', 'app'], /--origin takes the origin/, { REGISTRANT_STORE: 'file:/proc/no' }],
    [['recover'], /Standard input is not JSON\. Give a JSON object/, {}, '{ "client_secret": "hunter2'],
    [['recover'], /Standard input holds no JSON object/, {}, '"hunter2"'],
    [
      ['recover'],
      /Standard input is no answer of a server: client_id: It must be a string/,
      {},
      '{ "client_secret": "hunter2" }',
    ],
    [['recover', 'no.json'], /no\.json can not be read/],
    [['forget'], /Nobody is here to confirm that: add --yes/],
    [['delete'], /Nobody is here to confirm that: add --yes/],
    [['sweep', '--all'], /There is no option --all/],
    [['check'], /check needs one more word\. Write registrant check FILE/],
    [['check', '-'], /Standard input is not JSON/, {}, '{ "client_secret": "hunter2'],
    [['document', 'build'], /document needs more words\. Write registrant document build\|check URL/],
    [
      ['document', 'make', 'https://app.example/c'],
      /built or checked\. Write registrant document build URL, or check URL/,
    ],
    [
      ['document', 'build', 'https://app.example/c', '--loopback'],
      /--loopback does not go with document build\. Leave it out/,
    ],
    [
      ['document', 'check', 'https://app.example/c', '--metadata', 'no.json'],
      /--metadata does not go with document check\. Leave it out/,
    ],
    [['document', 'build', 'https://app.example/c', '--metadata', 'no.json'], /no\.json can not be read \(ENOENT\)/],
    [
      ['document', 'build', 'https://app.example/c', '--metadata', '-'],
      /Standard input is not JSON/,
      {},
      '{ "client_secret": "hunter2',
    ],
    [
      ['document', 'build', 'https://app.example/c'],
      /REGISTRANT_METADATA: .*no\.json can not be read/,
      { REGISTRANT_METADATA: 'no.json' },
    ],
    [['decode'], /This is no signed JWT in compact form/, {}, 'hunter2'],
    [['decode', 'no.jwt'], /no\.jwt can not be read/],
    [
      ['decode', 'eyJhbGciOiJub25lIn0.hunter2.c2ln'],
      /What is given is not shown, since it looks like the contents of a/,
    ],
    [['role', '--namespace', 'a\nb: c'], /--namespace takes a name of Kubernetes/],
    [['completion'], /completion needs one more word\. Write registrant completion bash\|zsh\|fish/],
    [['completion', 'tcsh'], /There are completions for bash, zsh and fish/],
    [['ensure', '--client-secret', 'hunter2'], /Put it into REGISTRANT_CLIENT_SECRET, or name a file/],
    [['ensure', '--initial-access-token=hunter2'], /Put it into REGISTRANT_INITIAL_ACCESS_TOKEN/],
    [['--client-secret=hunter2', 'ensure'], /Put it into REGISTRANT_CLIENT_SECRET, or name a file/],
    [['--json=hunter2', 'ensure'], /There is no command "--json"\. See registrant help/],
    [['client_secret=hunter2'], /There is no command "client_secret"\. See registrant help/],
    [['-phunter2'], /There is no command "-p"\. See registrant help/],
    [['recover', '--registration-access-token', 'hunter2'], /the JSON that recover reads from standard input/],
  ])('registrant %s', async ([args, sentence, env = {}, input = '']) => {
    await using place = await openServer()
    const { code, out, error } = await place.run(args, { env, input })
    expect(error).toMatch(sentence)
    expect([code, out]).toEqual([2, ''])
    expect(error).not.toContain('hunter2')
    expect(place.server.clients()).toBe(0)
  })
})

test('a configuration file that is a link which leads nowhere is missed, and not taken for none', async () => {
  await using place = await openServer()
  await symlink('/no/such/file', join(place.folder.path, 'registrant.config.json'))
  expect(await place.run(['ensure'])).toMatchObject({
    code: 2,
    error: expect.stringMatching(/registrant\.config\.json: .* can not be read \(ENOENT\)\. Name a file that can/),
  })
  expect(place.server.clients()).toBe(0)
})

test('a file of another encoding is refused, and not changed', async () => {
  await using place = await openServer()
  const known = JSON.stringify({ client_id: 'known', client_secret: 'gehe\u00EFm' })
  await writeFile(join(place.folder.path, 'known.json'), known, 'latin1')
  expect(await place.run(['recover', 'known.json'])).toMatchObject({
    code: 2,
    error: '✗ known.json is no text in UTF-8. Write it in that encoding.\n',
  })
})

describe('the exit code says what came of it', () => {
  test('0: registered, and reused at the next call without a request', async () => {
    await using place = await openServer()
    expect(await place.run(['ensure'])).toMatchObject({
      code: 0,
      out: `✓ orders: registered client ${clientOf(place.server)}\n`,
    })
    const asked = place.server.requests.length
    const again = await place.run(['ensure', '--json'])
    expect(JSON.parse(again.out)).toEqual({ result: 'reused', client_id: clientOf(place.server), drift: [] })
    expect(place.server.requests.length).toBe(asked)
  })

  test.for<[number, string, Parameters<typeof startScriptedServer>[0], Record<string, string>]>([
    [3, 'nobody answers', {}, { REGISTRANT_ISSUER: 'http://127.0.0.1:1' }],
    [4, 'the store can not be written', {}, { REGISTRANT_STORE: 'file:/proc/no' }],
    [5, 'what is declared breaks a rule', {}, { REGISTRANT_METADATA: '{ "redirect_uris": ["/callback"] }' }],
    [3, 'the token endpoint is in trouble', { token: { status: 503 } }, paying],
    [6, 'the token endpoint gives no token', { token: { body: {} } }, paying],
    [
      6,
      'the answer is a success that holds a refusal',
      { register: { status: 200, body: { error: 'access_denied' } } },
      {},
    ],
    [7, 'the answer is a success that nobody can read', { register: { status: 201, body: '{' } }, {}],
    [6, 'the server refuses', { register: { status: 400, body: { error: 'invalid_client_metadata' } } }, {}],
    [7, 'the answer is lost', { register: { lost: 'after' } }, {}],
  ])('%i: %s', async ([code, , script, env]) => {
    await using place = await openServer(script)
    const ended = await place.run(['ensure'], { env })
    expect(ended.error).toMatch(/^✗ .+ \([\w-]+\)$/m)
    expect([ended.code, ended.out]).toEqual([code, ''])
    await using other = await openServer(script)
    const json = await other.run(['ensure', '--json'], { env })
    expect(json.code).toBe(code)
    expect(JSON.parse(json.out)).toMatchObject({ exitCode: code, error: { message: expect.any(String) } })
  })

  test('5: it was deleted on purpose', async () => {
    await using place = await openServer()
    await place.run(['ensure'])
    expect(await place.run(['delete', '--yes'])).toMatchObject({ code: 0 })
    expect(place.server.clients()).toBe(0)
    expect(await place.run(['ensure'])).toMatchObject({
      code: 5,
      error: expect.stringContaining('forget() starts over'),
    })
  })
})

test('a dry run sends and saves nothing, and shows what would be sent', async () => {
  await using place = await openServer()
  const first = await place.run(['ensure', '--dry-run'])
  expect(first).toMatchObject({ code: 0, error: '' })
  expect(first.out).toContain('A client would be registered:\n+ grant_types: ["client_credentials"]\n')
  expect(place.server.requests).toEqual([])
  await place.run(['ensure'])
  const client = clientOf(place.server)
  const asked = place.server.requests.length
  expect((await place.run(['ensure', '--dry-run'])).out).toBe(`Nothing would be done: client ${client} is in order.\n`)
  const env = { REGISTRANT_METADATA: JSON.stringify({ ...metadata, client_name: 'Orders' }) }
  const changed = await place.run(['ensure', '--dry-run'], { env })
  expect(changed.out).toBe(`Client ${client} would be updated:\n+ client_name: Orders\n`)
  const json = await place.run(['ensure', '--dry-run', '--json'], { env })
  expect(JSON.parse(json.out)).toMatchObject({
    action: 'update',
    changes: [{ member: 'client_name', after: 'Orders' }],
  })
  expect(place.server.requests.length).toBe(asked)
  expect((await place.run(['ensure'], { env })).out).toContain(`updated client ${client}`)
})

test.for([true, false])(
  'a dry run takes a higher generation for no change of the client (management: %s)',
  async (management) => {
    await using place = await openServer({}, { management })
    await place.run(['ensure'], { env: { REGISTRANT_GENERATION: '1' } })
    const client = clientOf(place.server)
    const env = { REGISTRANT_GENERATION: '2' }
    expect((await place.run(['ensure', '--dry-run'], { env })).out).toBe(
      `Nothing would be done: client ${client} is in order.\n`,
    )
    expect((await place.run(['ensure'], { env })).out).toBe(`✓ orders: reused client ${client}\n`)
  },
)

test('a dry run says what ensure would say: that a rule is broken, that it waits, or that the client is lost', async () => {
  const broken = { env: { REGISTRANT_METADATA: JSON.stringify({ ...metadata, redirect_uris: ['/cb'] }) } }
  await using place = await openServer({}, { management: false })
  const rule = { code: 5, out: '', error: expect.stringMatching(/^✗ .*redirect_uris.*\(invalid-request\)$/m) }
  expect(await place.run(['ensure', '--dry-run'], broken)).toMatchObject(rule)
  await place.run(['ensure'])
  expect(await place.run(['ensure', '--dry-run'], broken)).toMatchObject(rule)
  const env = { REGISTRANT_METADATA: JSON.stringify({ ...metadata, client_name: 'Orders' }) }
  const lost = await place.run(['ensure', '--dry-run'], { env })
  expect(lost.out).toMatch(/^Client \S+ can not be changed: another would be registered, and what users have granted/)
  expect((await place.run(['ensure'], { env })).out).toContain('replaced client')

  await using refusing = await openServer({ register: { status: 429, headers: { 'retry-after': '600' } } })
  await refusing.run(['ensure'])
  expect(await refusing.run(['ensure'])).toMatchObject({ code: 3 })
  expect(await refusing.run(['ensure', '--dry-run'])).toMatchObject({
    code: 3,
    out: expect.stringMatching(/^Nothing would be done: waiting for server until /),
  })
})

test('a store that is empty and is expected to hold a registration is missed by ensure, its dry run and doctor', async () => {
  await using place = await openServer()
  const env = { REGISTRANT_EXPECT_EXISTING: 'true' }
  const missed = { code: 5, error: expect.stringContaining('A registration was expected and the store holds none') }
  for (const args of [['ensure'], ['ensure', '--dry-run']]) expect(await place.run(args, { env })).toMatchObject(missed)
  const examined = await place.run(['doctor'], { env })
  expect(examined.out).toMatch(/^✗ registration: A registration was expected and the store holds none/m)
  expect(examined.code).toBe(5)

  // Whoever forgets a client means another one to be registered.
  await place.run(['ensure'])
  await place.run(['forget', '--yes'])
  expect((await place.run(['doctor'], { env })).out).toContain('✓ registration: absent')
  expect((await place.run(['ensure', '--dry-run'], { env })).out).toContain('A client would be registered:')
  expect(await place.run(['ensure'], { env })).toMatchObject({ code: 0 })
})

describe('what the application says and the configuration does not is not undone', () => {
  const changing = [['ensure'], ['ensure', '--dry-run'], ['rotate']]

  test('keys that the application keeps for its client stay, until the configuration speaks of them', async () => {
    await using place = await openServer()
    const { token_endpoint_auth_method: _, ...declared } = metadata
    const env = { ...orders(place.server), REGISTRANT_METADATA: JSON.stringify(declared) }
    const said = { ...env, REGISTRANT_STORE: `file:${join(place.folder.path, 'state')}` }
    await using service = await managerFromEnvironment(said, { keys: { alg: 'ES384' } })
    const { client_id } = await service.ensure()
    const asked = place.server.requests.length
    for (const command of changing)
      expect(await place.run(command, { env })).toMatchObject({
        code: 2,
        error: expect.stringMatching(/REGISTRANT_KEYS: It is missing, and the application keeps keys/),
      })
    expect((await place.run(['doctor'], { env })).out).toContain('! registration: REGISTRANT_KEYS: It is missing')
    expect(place.server.requestsTo('update')).toEqual([])
    expect(place.server.requests.slice(asked).map(({ endpoint }) => endpoint)).toEqual(['discovery'])

    const withKeys = { env: { ...env, REGISTRANT_KEYS: '{ "alg": "ES384" }' } }
    expect((await place.run(['ensure'], withKeys)).out).toBe(`✓ orders: reused client ${client_id}\n`)
    expect((await place.run(['rotate'], withKeys)).out).toBe(`✓ orders: renewed client ${client_id}\n`)
    expect(place.server.registration(client_id)).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES384',
    })
    expect((await service.ensure()).client_id).toBe(client_id)
    const without = { env: { ...env, REGISTRANT_KEYS: 'false' } }
    expect((await place.run(['ensure'], without)).out).toBe(`✓ orders: updated client ${client_id}\n`)
    expect((await place.run(['ensure'], { env })).out).toBe(`✓ orders: reused client ${client_id}\n`)
  })

  test('a look before it knows of keys that are to be kept, and not of a secret', async () => {
    await using place = await openServer()
    const declared = { ...metadata, token_endpoint_auth_method: 'private_key_jwt' }
    const env = { REGISTRANT_METADATA: JSON.stringify(declared), REGISTRANT_KEYS: 'true' }
    const { code, out } = await place.run(['ensure', '--dry-run'], { env })
    expect([code, out]).toEqual([0, expect.stringMatching(/^A client would be registered:(?!.*jwks)/s)])
    const examined = await place.run(['doctor', '--probe'], { env })
    expect(examined.out).toContain('✓ metadata: break no rule, and fit what the server supports')
    expect(examined.out).toContain('✓ probe: an update works')
    expect([examined.code, place.server.requestsTo('register')]).toMatchObject([
      0,
      [{ body: expect.stringContaining('"jwks"') }],
    ])
    const silent = {
      ...env,
      REGISTRANT_METADATA: JSON.stringify({ ...declared, token_endpoint_auth_method: undefined }),
    }
    expect((await place.run(['ensure', '--dry-run'], { env: silent })).out).toContain(
      '+ token_endpoint_auth_method: private_key_jwt',
    )
  })

  test('a client that the application names itself stays in its place', async () => {
    await using place = await openServer()
    const { issuer } = place.server
    await using service = new RegistrationManager({
      issuer,
      application: 'orders',
      metadata,
      store: fileStore(join(place.folder.path, 'state')),
      preRegistered: { issuer, client_id: 'by-hand', client_secret: canary() },
    })
    await service.ensure()
    for (const command of changing)
      expect(await place.run(command)).toMatchObject({
        code: 2,
        error: expect.stringMatching(/preRegistered: .* names the client by-hand: another would be registered/),
      })
    expect(place.server.clients()).toBe(0)
    expect((await service.ensure()).client_id).toBe('by-hand')
    await place.run(['forget', '--yes'])
    expect((await place.run(['ensure'])).code).toBe(0)
  })
})

test('delete says where there is no client, and that none will be registered', async () => {
  await using place = await openServer()
  expect((await place.run(['delete'])).error).toContain('There is no client. From now on none will be registered.')
  expect(await place.run(['delete', '--yes'])).toMatchObject({
    code: 0,
    out: '✓ there was no client; from now on none is registered\n',
  })
  expect(await place.run(['ensure'])).toMatchObject({ code: 5 })
})

test('sweep asks about clients that somebody can name, and tells of the others', async () => {
  await using place = await openServer({ register: [{ lost: 'after' }] })
  expect(await place.run(['ensure'])).toMatchObject({ code: 7 })
  const left = { code: 0, out: expect.stringMatching(/^! left: a client that nobody can name: .+\n$/) }
  expect(await place.run(['sweep'])).toMatchObject(left)
  await expect.poll(async () => (await place.run(['ensure'])).code, { timeout: 20_000, interval: 500 }).toBe(0)
  const status = JSON.parse((await place.run(['status', '--json'])).out)
  await place.run(['forget', '--yes'])
  const { error } = await place.run(['sweep'])
  expect(error).toContain(`These clients will be deleted at the server: ${status.client_id}. Nobody is here`)
})

test('a registration is shown, renewed, forgotten and swept, and no secret of it is shown', async () => {
  await using place = await openServer()
  await place.run(['ensure'])
  const client = clientOf(place.server)
  const status = await place.run(['status', '--json'])
  expect(JSON.parse(status.out)).toMatchObject({ state: 'registered', client_id: client, manageable: true })
  expect((await place.run(['status'])).out).toContain(`client      ${client}\n`)
  expect((await place.run(['read'])).out).toMatch(/^client_secret +\[redacted\]$/m)
  expect((await place.run(['rotate'])).out).toMatch(/^✓ orders: (?:renewed|replaced|updated) client /)
  expect(await place.run(['forget', '--yes'])).toMatchObject({ code: 0 })
  expect((await place.run(['status'])).out).toContain('orphan: ')
  expect(await place.run(['sweep'])).toMatchObject({ code: 2, error: expect.stringContaining('add --yes') })
  expect((await place.run(['sweep', '--yes'])).out).toContain('✓ deleted client')
  expect(place.server.clients()).toBe(0)
  expect((await place.run(['sweep', '--yes'])).out).toBe('✓ there are no orphans\n')
})

test('a renewal that failed is told beside the client that is used meanwhile', async () => {
  // The secret was issued an hour ago and is good for ten minutes more, so it is to be renewed by now.
  const hourAgo = new Date(Date.now() - 3_600_000).toUTCString()
  const register: Script = (_, usual) => ({ ...usual(), headers: { date: hourAgo } })
  await using place = await openServer({ register, update: { status: 500 } }, { secretLifetime: 600 })
  await place.run(['ensure'])
  const { code, out } = await place.run(['ensure', '--json'])
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { result: 'reused', client_id: clientOf(place.server), drift: [{ reason: expect.any(String) }] },
  ])
})

test('a sweep that leaves a client it can name says why, and so does its exit code', async () => {
  await using place = await openServer()
  await place.run(['ensure'])
  await place.run(['forget', '--yes'])
  const left = expect.stringContaining(`! left: ${clientOf(place.server)}: `)
  const table = [
    [{ delete: { status: 403 } }, 6, /DELETE \S+ was answered 403/],
    [{ delete: { status: 500 } }, 7, /DELETE \S+ was answered 500/],
    [{ delete: { lost: 'before' } }, 7, /DELETE \S+ got no answer/],
    [{ discovery: { status: 503 }, delete: undefined }, 3, /GET \S+ was answered 503/],
  ] as const
  for (const [script, code, why] of table) {
    place.server.script(script)
    expect(await place.run(['sweep', '--yes'])).toMatchObject({ code, out: left, error: expect.stringMatching(why) })
  }
  place.server.script({ discovery: undefined })
  expect(await place.run(['sweep', '--yes'])).toMatchObject({ code: 0 })
})

test('read shows no secret in any spelling, wherever the server repeats it', async () => {
  const [secret, token] = ['s3cr/et+value==', 'tok/en+abc==9876']
  const basic = Buffer.from(`c1:${encodeURIComponent(secret)}`).toString('base64')
  const spellings = [
    secret,
    token,
    encodeURIComponent(secret),
    encodeURIComponent(token).replaceAll(/%../g, (it) => it.toLowerCase()),
    JSON.stringify(token).replaceAll('/', '\\/'),
    `Basic ${Buffer.from(`c1:${secret}`).toString('base64')}`,
    `Basic ${basic}`,
  ]
  const known = {
    client_id: 'c1',
    client_secret: secret,
    client_secret_expires_at: 0,
    registration_access_token: token,
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'its private part' }] },
    api_key: 'a key of the API',
    spelled: spellings.map((it) => `https://as.example/manage?t=${it}`),
    plain: 'nothing secret',
  }
  await using place = await openServer()
  const { issuer } = place.server
  place.server.script({
    register: ({ body }) => ({
      status: 201,
      body: { ...JSON.parse(body), ...known, registration_client_uri: `${issuer}/register/c1` },
    }),
    read: () => ({ body: { ...known, registration_client_uri: `${issuer}/register/c1` } }),
  })
  expect(await place.run(['ensure'])).toMatchObject({ code: 0 })
  for (const command of [['read'], ['read', '--json']]) {
    const { code, out } = await place.run(command)
    expect([code, out]).toEqual([0, expect.stringContaining('nothing secret')])
    for (const it of [...spellings, basic, 'its private part', 'a key of the API']) expect(out).not.toContain(it)
  }
})

test('no name commands the terminal or passes for a line of ours', async () => {
  const evil = '\u001B[2J\n✓ the signature is good\u009B1m'
  await using place = await openServer()
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = `${encoded({ alg: 'ES256', [evil]: 1 })}.${encoded({ [evil]: 'x', exp: 1e300 })}.AAAA`
  const named = { REGISTRANT_APPLICATION: 'a\u001B[31mb' }
  const odd = { REGISTRANT_METADATA: JSON.stringify({ ...metadata, 'member\u001B[2J': 'v' }) }
  const all = [
    await place.run(['decode'], { input: jwt }),
    await place.run(['decode', '--json'], { input: jwt }),
    await place.run(['ensure'], { env: named }),
    await place.run(['ensure', '--dry-run'], { env: odd }),
  ]
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  for (const { code, out, error } of all)
    expect([code, out + error]).toEqual([0, expect.not.stringMatching(/[^\n -~✓…\u{FFFD}]/u)])
  expect(all[0]?.out).not.toMatch(/^✓/m)
  expect(JSON.parse(all[1]?.out ?? '')).toMatchObject({ claims: { [evil]: 'x' } })
})

test('what read prints as JSON is taken back without loss, and another secret than the stored one after a confirmation', async () => {
  await using place = await openServer()
  await place.run(['ensure'])
  const { out } = await place.run(['read', '--json'])
  expect(JSON.parse(out)).toMatchObject({ client_id: clientOf(place.server), grant_types: ['client_credentials'] })
  expect(out).not.toMatch(/redacted|client_secret"|registration_access_token|registration_client_uri/)
  expect(await place.run(['recover'], { input: out })).toMatchObject({ code: 0 })
  expect((await place.run(['status'])).out).toContain('manageable  yes')
  expect(await place.run(['read'])).toMatchObject({ code: 0 })
  const other = JSON.stringify({ client_id: clientOf(place.server), client_secret: 'another', client_name: 'a' })
  expect(await place.run(['recover'], { input: other })).toMatchObject({
    code: 2,
    error: expect.stringMatching(/Another client_secret of \S+ is stored, and will be replaced\. Nobody is here/),
  })
  expect(await place.run(['recover', '--yes'], { input: other })).toMatchObject({ code: 0 })
  expect(await place.run(['recover'], { input: other })).toMatchObject({ code: 0 })
  expect(await place.run(['recover', '--yes'], { input: other.replace('another', '[redacted]') })).toMatchObject({
    code: 5,
  })
})

test('a client that is known from elsewhere is taken, from standard input or from a file', async () => {
  await using place = await openServer()
  const secret = canary()
  const known = {
    client_id: 'from-elsewhere',
    client_secret: secret,
    token_endpoint_auth_method: 'client_secret_basic',
  }
  const taken = await place.run(['recover'], { input: JSON.stringify(known) })
  expect(taken).toMatchObject({
    code: 0,
    out: expect.stringContaining('client from-elsewhere is the registration now'),
  })
  expect((await place.run(['status'])).out).toContain('manageable  no')
  await writeFile(join(place.folder.path, 'known.json'), JSON.stringify({ ...known, client_id: 'another' }))
  expect(await place.run(['recover', 'known.json'])).toMatchObject({
    code: 2,
    error: expect.stringContaining('another will take the place of from-elsewhere'),
  })
  expect(await place.run(['recover', 'known.json', '--yes'])).toMatchObject({ code: 0 })
  expect(taken.out + taken.error).not.toContain(secret)
})

test('a token that the record holds for another client takes the place of this one after a confirmation', async () => {
  await using place = await openServer()
  const recover = (known: object, ...more: string[]) =>
    place.run(['recover', ...more], { input: JSON.stringify({ client_id: 'new', ...known }) })
  const old = { client_id: 'old', registration_access_token: canary() }
  await recover(old)
  expect(await recover({ registration_access_token: canary() }, '--yes')).toMatchObject({ code: 0 })
  expect(await recover({ ...old, client_id: 'new' })).toMatchObject({
    code: 2,
    error: expect.stringContaining('Another registration_access_token of new is stored, and will be replaced.'),
  })
})

test('doctor examines store and server, and tries a client of its own when it is asked to', async () => {
  await using place = await openServer()
  const { code, out } = await place.run(['doctor', '--probe'])
  for (const line of [
    '✓ configuration: is complete',
    '✓ store: can be read and written, by compare-and-swap',
    '✓ registration: absent',
    '✓ clock: this machine and the server agree',
    '✓ probe: an update works',
    '✓ probe: a deletion works; the client is gone',
  ])
    expect(out).toContain(line)
  expect([code, place.server.clients()]).toEqual([0, 0])

  const cors = await place.run(['doctor', '--origin', 'https://app.example'])
  expect(cors.out).toMatch(/✗ CORS: the registration_endpoint .*"Access-Control-Allow-Origin: https:\/\/app\.example"/)
  expect(cors.code).toBe(6)
})

test('doctor says what is wrong with each part, and goes on with the others', async () => {
  const late = new Date(Date.now() + 3_600_000).toUTCString()
  await using place = await openServer()
  place.server.script({
    discovery: {
      headers: { date: late },
      body: { issuer: place.server.issuer, token_endpoint: `${place.server.issuer}/token` },
    },
  })
  const env = { REGISTRANT_STORE: 'file:/proc/no', REGISTRANT_METADATA: '{ "redirect_uris": ["/callback"] }' }
  const { code, out } = await place.run(['doctor'], { env })
  expect(out).toMatch(/✗ store: .*store-denied/)
  expect(out).toMatch(/✗ registration: the server names no registration_endpoint\. Ask its operator/)
  expect(out).toMatch(/✗ clock: the server is 1 hour ahead\. Set the clock that is wrong/)
  expect(out).toMatch(/✗ metadata: MUST redirect_uris: .*\[.*RFC/)
  expect(code).toBe(4)
})

test('doctor examines a store whose key was rotated, and says how a registration stands that it can not read', async () => {
  await using place = await openServer()
  const [old, next] = ['o', 'n'].map((letter) => Buffer.alloc(32, letter).toString('base64'))
  const by = (keys: string): { env: Record<string, string> } => ({ env: { REGISTRANT_STORE_KEY: keys } })
  expect(await place.run(['ensure'], by(`2026:${old}`))).toMatchObject({ code: 0 })
  expect(await place.run(['doctor'], by(`2026:${old}`))).toMatchObject({ code: 0 })
  expect(await place.run(['ensure'])).toMatchObject({
    code: 4,
    error: expect.stringMatching(/It is sealed: .* Here that is REGISTRANT_STORE_KEY\. \(store-denied\)/),
  })
  await place.run(['rotate'], by(`2027:${next},2026:${old}`))
  for (const _ of [1, 2]) {
    const { code, out } = await place.run(['doctor'], by(`2027:${next}`))
    expect(out).toContain('✓ store: can be read and written, by compare-and-swap\n')
    expect(out).toContain('✓ registration: registered, client ')
    expect(code).toBe(0)
  }
  // A record of its own that was cut short, longer ago than a file system keeps lists.
  const cutShort = join(place.folder.path, 'state/registrant/registrant-doctor')
  const newest = join(
    cutShort,
    String(Math.max(...(await readdir(cutShort)).filter((it) => /^\d+$/.test(it)).map(Number))),
  )
  await truncate(newest, 10)
  const then = new Date(Date.now() - 120_000)
  await utimes(newest, then, then)
  expect(await place.run(['doctor'], by(`2027:${next}`))).toMatchObject({ code: 0 })
  const { code, out } = await place.run(['doctor'], by(`2026:${old}`))
  expect(out).toContain('✓ store: can be read and written, by compare-and-swap\n')
  expect(out).toMatch(/✗ registration: .*was sealed by "2027", which is not among the keys.*\(store-denied\)/)
  expect(code).toBe(4)
})

test('a sealing key without a name is rotated without one, and what to do is told where it was given another', async () => {
  await using place = await openServer()
  const [old, next] = ['o', 'n'].map((letter) => Buffer.alloc(32, letter).toString('base64'))
  const ensure = (keys = '') => place.run(['ensure'], { env: { REGISTRANT_STORE_KEY: keys } })
  expect(await ensure(old)).toMatchObject({ code: 0 })
  expect(await ensure(`2026:${old},2027:${next}`)).toMatchObject({
    code: 4,
    error: expect.stringMatching(/sealed by "default".*Add it behind the others, by that name\./),
  })
  for (const keys of [`default:${old},2027:${next}`, `${old},2027:${next}`, `2027:${next},${old}`])
    expect(await ensure(keys)).toMatchObject({ code: 0, out: expect.stringContaining('reused') })
})

test('doctor says what keeps an application from starting, and what is left alone', async () => {
  await using place = await openServer({}, { secretLifetime: 1 })
  await place.run(['ensure'])
  await expect
    .poll(async () => (await place.run(['doctor'])).out, { timeout: 10_000 })
    .toMatch(/^✗ registration: expired, client \S+\. Its secret has ended: registrant ensure renews it/m)
  expect((await place.run(['doctor'])).code).toBe(5)
  await place.run(['delete', '--yes'])
  expect(await place.run(['doctor'])).toMatchObject({
    code: 5,
    out: expect.stringMatching(/^✗ registration: deleted\. No other is registered: registrant forget starts over\.$/m),
  })

  await using refusing = await openServer({ register: { status: 429, headers: { 'retry-after': '600' } } })
  await refusing.run(['ensure'])
  expect((await refusing.run(['doctor'])).out).toMatch(/^! registration: waiting for server until /m)

  await using bare = await openServer({}, { management: false })
  await bare.run(['ensure'])
  expect(await bare.run(['doctor'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^! registration: registered, client .+ can be used and not changed/m),
  })
})

test('doctor tells what it found where the configuration is not complete', async () => {
  await using place = await openServer()
  const { code, out } = await place.run(['doctor', '--probe'], {
    env: { REGISTRANT_STORE: '', REGISTRANT_METADATA: '' },
  })
  expect(out).toMatch(/^✗ configuration: lacks metadata, store\./m)
  expect(out).toMatch(/^✓ server: /m)
  expect(out).toMatch(/^! probe: nothing was tried, since the configuration is not complete\.$/m)
  expect([code, place.server.clients()]).toEqual([2, 0])
})

test('doctor deletes the client of its probe also where what was registered is refused, and names one that stays', async () => {
  await using place = await openServer({
    register: (_, usual) => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), redirect_uris: ['https://elsewhere.example/cb'] } }
    },
  })
  const { code, out } = await place.run(['doctor', '--probe'])
  expect(out).toMatch(/^✗ probe: a registration \(client \S+\) does not work: .+\(policy\)$/m)
  expect(out).toContain('✓ probe: a deletion works; the client is gone')
  expect([code, place.server.clients()]).toEqual([5, 0])
  place.server.script({ delete: { status: 500 } })
  const failed = await place.run(['doctor', '--probe'])
  expect(failed.out).toContain(`✗ probe: client ${clientOf(place.server)} is left at the server: delete it there`)
  for (const [status, exitCode] of [
    [403, 6],
    [500, 7],
  ] as const) {
    place.server.script({ register: undefined, delete: { status } })
    expect(await place.run(['doctor', '--probe'])).toMatchObject({ code: exitCode })
  }
})

test('doctor --origin looks whether a page can read the metadata', async () => {
  await using place = await openServer({}, { cors: true })
  const asked = await place.run(['doctor', '--origin', 'https://app.example/page'])
  expect(asked.out).toContain('✓ CORS: a page of https://app.example can read the metadata')
  expect(asked.code).toBe(0)
  const { issuer } = place.server
  const endpoints = { registration_endpoint: `${issuer}/register`, token_endpoint: `${issuer}/token` }
  place.server.script({
    discovery: { body: { issuer, ...endpoints }, headers: { 'access-control-allow-origin': 'https://other.example' } },
  })
  const closed = await place.run(['doctor', '--origin', 'https://app.example'])
  expect(closed.out).toMatch(
    /^✗ CORS: the address of the metadata allows https:\/\/other\.example\. Have it answer GET/m,
  )
  expect(closed.out).toContain('✓ CORS: the registration_endpoint lets a page')
  expect(closed.code).toBe(6)
})

test.for([
  ['X-Authorization, Content-Type', 'allows no authorization.'],
  ['*', 'allows no authorization.'],
  ['authorization, x-content-type', 'allows no content-type.'],
  ['Authorization ,content-type', undefined],
  ['*, Authorization', undefined],
] as const)('doctor --origin reads the list of allowed headers %s as a browser does', async ([allowed, lacking]) => {
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': allowed }
  await using place = await openServer({ other: { headers } }, { cors: false })
  const asked = await place.run(['doctor', '--origin', 'https://app.example'])
  for (const endpoint of ['registration_endpoint', 'token_endpoint'])
    expect(asked.out).toContain(
      lacking === undefined ? `✓ CORS: the ${endpoint} lets a page` : `✗ CORS: the ${endpoint} ${lacking}`,
    )
})

test('init and doctor know the registration endpoint of a profile, where the metadata name none', async () => {
  await using place = await openServer({}, { metadata: { registration_endpoint: undefined } })
  const endpoint = `${place.server.issuer}/oauth2/register`
  for (const [args, env] of [
    [['--profile', 'hydra'], {}],
    [['--yes'], { REGISTRANT_PROFILE: 'hydra' }],
  ] as const) {
    const { code, out } = await place.run(['init', place.server.issuer, '--application', 'orders', ...args], { env })
    expect(out).toContain(endpoint)
    expect(out).not.toMatch(/nowhere|Ask the operator/)
    expect(code).toBe(0)
  }
  const { out } = await place.run(['doctor', '--origin', 'https://app.example'], {
    env: { REGISTRANT_PROFILE: 'hydra' },
  })
  expect(out).toContain(`✓ registration: clients are registered at ${endpoint}`)
  expect(out).toContain('✗ CORS: the registration_endpoint ')
})

test('check tells levels and sections, and compares with the server when it is asked to', async () => {
  await using place = await openServer()
  const path = join(place.folder.path, 'metadata.json')
  await writeFile(path, JSON.stringify({ redirect_uris: ['/cb'], redirect_uri: 'x', contacts: 'a' }))
  const { code, out } = await place.run(['check', 'metadata.json'])
  expect(out).toMatch(/^✗ MUST redirect_uris: .+ \[RFC 6749 section 3\.1\.2/m)
  expect(out).toMatch(/^✗ MUST contacts: /m)
  expect(out.match(/^! SHOULD redirect_uri: /gm)).toHaveLength(1)
  expect(code).toBe(5)
  await writeFile(path, JSON.stringify(metadata))
  expect(await place.run(['check', 'metadata.json'])).toMatchObject({
    code: 0,
    out: '✓ metadata.json breaks no rule\n',
  })
  await writeFile(path, JSON.stringify({ ...metadata, token_endpoint_auth_method: 'tls_client_auth' }))
  const asked = await place.run(['check', 'metadata.json', '--server'])
  expect(asked.out).toMatch(/token_endpoint_auth_method: /)
  expect(place.server.requests.map(({ method }) => method)).toEqual(['GET'])
})

test('decode shows a statement, and verifies it with the key that is given', async () => {
  await using folder = await temporaryDirectory()
  const cwd = folder.path
  const [key, other] = [await generateClientKeys(), await generateClientKeys()]
  const statement = await signSoftwareStatement({ iss: 'https://publisher.example', software_id: 'orders' }, { key })
  await writeFile(join(cwd, 'key.json'), JSON.stringify(key.publicJwk))
  const { kid: _, ...unnamed } = other.publicJwk
  await writeFile(join(cwd, 'other.json'), JSON.stringify({ keys: [unnamed] }))
  const shown = await registrant(['decode'], { cwd, input: statement })
  expect(shown.out).toMatch(/^software_id +orders$/m)
  expect(shown.out).toContain('! not verified')
  expect((await registrant(['decode', '--key', 'key.json'], { cwd, input: statement })).out).toContain(
    '✓ the signature is good',
  )
  const wrong = await registrant(['decode', '--key', 'other.json'], { cwd, input: statement })
  expect([wrong.code, wrong.out]).toEqual([5, expect.stringContaining('✗ the signature is not made by this key')])
  const { kid: __, ...mine } = key.publicJwk
  await writeFile(join(cwd, 'both.json'), JSON.stringify({ keys: [unnamed, mine] }))
  const pair = await generateKeyPair('ES256', { extractable: true })
  const ours = await new SignJWT({ iss: 'orders' }).setProtectedHeader({ alg: 'ES256' }).sign(pair.privateKey)
  await writeFile(join(cwd, 'private.json'), JSON.stringify(await exportJWK(pair.privateKey)))
  for (const [file, input] of [
    ['both.json', statement],
    ['private.json', ours],
  ] as const)
    expect(await registrant(['decode', '--key', file], { cwd, input })).toMatchObject({
      code: 0,
      out: expect.stringContaining('✓ the signature is good'),
    })
})

test('init asks the server, writes a file that ensure takes, and asks before it overwrites one', async () => {
  await using server = await startOidcProvider()
  await using folder = await temporaryDirectory()
  const { clientId, clientSecret } = server.registrar
  const args = ['init', server.issuer, '--application', 'orders', '--client-id', clientId, '--scope', 'register']
  const env = { REGISTRANT_CLIENT_SECRET: clientSecret, REGISTRANT_AUTHENTICATION: 'client_secret_post' }
  const place = { cwd: folder.path, env }
  const made = await registrant(args, place)
  expect(made).toMatchObject({ code: 0, error: '' })
  expect(made.out).toContain(
    '✓ wrote registrant.config.json\nPut the secret of registerClient into REGISTRANT_CLIENT_SECRET',
  )
  const config: unknown = JSON.parse(await readFile(join(folder.path, 'registrant.config.json'), 'utf8'))
  expect(config).toMatchObject({ issuer: server.issuer, clientId, store: 'file:./registration' })
  expect(await registrant(['ensure'], place)).toMatchObject({
    code: 0,
    out: expect.stringContaining('registered client'),
  })
  expect(server.clients()).toBe(1)
  expect(await registrant(args, place)).toMatchObject({ code: 2, error: expect.stringContaining('add --yes') })
})

test('init writes paths as the configuration file sees them, wherever that lies', async () => {
  await using place = await openServer()
  const cwd = place.folder.path
  await mkdir(join(cwd, 'conf'))
  await writeFile(join(cwd, 'client.json'), JSON.stringify(metadata))
  const schema = 'node_modules/@registrant/node/dist/schema/config.json'
  const written = async (...args: string[]): Promise<unknown> => {
    const made = await place.run(['init', place.server.issuer, '--application', 'orders', '--yes', ...args], {
      input: JSON.stringify({ ...metadata, client_name: 'from standard input' }),
    })
    expect(made).toMatchObject({ code: 0, error: '' })
    const [, path = ''] = /^✓ wrote (.+)$/m.exec(made.out) ?? []
    return JSON.parse(await readFile(join(cwd, path), 'utf8'))
  }
  expect(await written('--metadata', 'client.json')).toMatchObject({
    $schema: `./${schema}`,
    metadata: './client.json',
    store: 'file:./registration',
  })
  expect(await written('--config', 'conf/x.json', '--metadata', 'client.json', '--store', 'file:state')).toMatchObject({
    $schema: `../${schema}`,
    metadata: '../client.json',
    store: 'file:../state',
  })
  expect(await registrant(['ensure', '--config', 'conf/x.json'], { cwd })).toMatchObject({ code: 0 })
  expect(await registrant(['status'], { cwd, env: orders(place.server) })).toMatchObject({
    out: expect.stringContaining(clientOf(place.server)),
  })
  await chmod(join(cwd, 'conf/x.json'), 0o600)
  const absolute = { metadata: join(cwd, 'client.json'), store: `file:${join(cwd, 'state')}` }
  expect(
    await written('--config', 'conf/x.json', '--metadata', absolute.metadata, '--store', absolute.store),
  ).toMatchObject(absolute)
  expect((await stat(join(cwd, 'conf/x.json'))).mode & 0o77).toBe(0)
  expect(await written('--metadata', '-')).toMatchObject({ metadata: { client_name: 'from standard input' } })
  // What editors are told to read is in the package.
  expect(import.meta.resolve('@registrant/node/schema/config.json')).toMatch(/\/dist\/schema\/config\.json$/)
})

test('init writes nothing that the next command refuses, and no secret', async () => {
  await using place = await openServer()
  const cwd = place.folder.path
  const init = (args: string[], more: Parameters<typeof place.run>[1] = {}) =>
    place.run(['init', place.server.issuer, '--application', 'orders', ...args], more)
  const secrets = { ...metadata, client_secret: 'hunter2', jwks: { keys: [{ kty: 'oct', k: 'hunter2' }] } }
  for (const [args, sentence, input = ''] of [
    [['--profile', 'keyclok'], /profile in registrant\.config\.json: There is no such profile/],
    [['--store', 'mongodb://db.example'], /store in registrant\.config\.json: There is no store mongodb/],
    [
      ['--store', 'redis://u:hunter2@h'],
      /A password does not belong in this file: put the address into REGISTRANT_STORE/,
    ],
    [['--scope', 'register'], /scope in registrant\.config\.json: It is for a client that nobody names/],
    [['--metadata', '-'], /redirect_uris in metadata in .*: It must be an array/, '{ "redirect_uris": 5 }'],
    [['--metadata', '-'], /metadata\.client_secret: A client never chooses its secret/, JSON.stringify(secrets)],
  ] as const) {
    // What stands in the environment now may not stand there then.
    const env = { REGISTRANT_PROFILE: 'keycloak' }
    const { code, error } = await init([...args], { input, env })
    expect([code, error]).toEqual([2, expect.stringMatching(sentence)])
    expect(error).not.toContain('hunter2')
  }
  expect(await readdir(cwd)).toEqual([])

  const named = await init([], { env: { REGISTRANT_CONFIG: 'named.json' } })
  expect(named.out).toContain('✓ wrote named.json\n')
  const advised = await init(['--config', 'an other.json'])
  expect(advised.out).toContain(
    "then: registrant doctor --config 'an other.json', and registrant ensure --config 'an other.json' --dry-run",
  )
  await writeFile(join(cwd, 'registrant.config.ts'), 'export default {}')
  expect((await init([])).error).toContain('registrant.config.ts is there, and only one configuration file is read.')
})

test.each([
  [['private_key_jwt', 'client_secret_post'], 'client_secret_post'],
  [[], 'client_secret_basic'],
  [['none', 'tls_client_auth'], undefined],
])('init at a server that lists %j for clients declares %s', async (methods, method) => {
  await using place = await openServer()
  const { issuer } = place.server
  place.server.script({
    discovery: {
      body: {
        issuer,
        registration_endpoint: `${issuer}/register`,
        token_endpoint: `${issuer}/token`,
        token_endpoint_auth_methods_supported: methods,
      },
    },
  })
  const { code, out, error } = await place.run(['init', issuer, '--application', 'orders', '--json'])
  if (method === undefined)
    expect([code, error + out]).toEqual([2, expect.stringContaining('Say with --metadata what is registered.')])
  else expect(JSON.parse(out)).toMatchObject({ config: { metadata: { token_endpoint_auth_method: method } } })
})

// An address that is this machine's own, and none of its loopback interface; Windows has none.
test.skipIf(process.platform === 'win32')(
  'init asks by plain http where the variable or the option allows it',
  async () => {
    await using place = await openServer()
    const issuer = place.server.issuer.replace('127.0.0.1', '0.0.0.0')
    place.server.script({ discovery: { body: { issuer, registration_endpoint: `${issuer}/register` } } })
    const init = (args: string[], env = {}) => place.run(['init', issuer, '--application', 'orders', ...args], { env })
    expect((await init([])).code).toBe(5)
    for (const [args, env, allowHttp] of [
      [[], { REGISTRANT_ALLOW_HTTP: `http://other.example, ${issuer}` }, undefined],
      [['--yes', '--allow-http', issuer], {}, [issuer]],
    ] as const) {
      expect(await init([...args], env)).toMatchObject({ code: 0, error: '' })
      const written: unknown = JSON.parse(await readFile(join(place.folder.path, 'registrant.config.json'), 'utf8'))
      expect(written).toMatchObject({ issuer })
      expect(Object(written).allowHttp).toEqual(allowHttp)
    }
  },
)

test.skipIf(process.platform === 'win32')('init leaves a file as it was that it can not write', async () => {
  await using place = await openServer()
  const cwd = place.folder.path
  const path = join(cwd, 'registrant.config.json')
  const scope = ['--client-id', 'registers', '--scope', 'register '.repeat(200)]
  const args = ['init', place.server.issuer, '--application', 'orders', '--yes', ...scope]
  await writeFile(path, '{ "issuer": "https://as.example" }')
  // No file may become longer: to a program that is as if the disk were full.
  const limited = 'ulimit -f 1 && exec "$@"'
  const run = promisify(execFile)('sh', ['-c', limited, 'sh', process.execPath, program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] },
  })
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/✗ registrant\.config\.json can not be written \(EFBIG\), and is as it was/),
  })
  expect(await readFile(path, 'utf8')).toBe('{ "issuer": "https://as.example" }')
  expect(await readdir(cwd)).toEqual(['registrant.config.json'])

  await mkdir(join(cwd, 'folder.json'))
  for (const [config, sentence] of [
    ['no/x.json', /no\/x\.json can not be written \(ENOENT\)/],
    ['folder.json', /folder\.json is no regular file/],
  ] as const)
    expect(await place.run([...args, '--config', config])).toMatchObject({
      code: 2,
      error: expect.stringMatching(sentence),
    })
})

test('the completions name every command, and shells that are here can read them', async () => {
  const cwd = process.cwd()
  const { out: overview } = await registrant([], { cwd })
  const names = [...overview.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThanOrEqual(14)
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await registrant(['completion', shell], { cwd })
    expect(code).toBe(0)
    for (const name of names) expect(out).toContain(name)
    expect(out).toMatch(/document.*build check/)
  }
  for (const name of names) {
    const help = await registrant([name, '--help'], { cwd })
    expect(help).toMatchObject({
      code: 0,
      error: '',
      out: expect.stringMatching(/^Usage: registrant [\s\S]+\nOptions\n/),
    })
  }
})

test.skipIf(process.platform === 'win32')('bash completes a file whose name holds blanks as one word', async () => {
  await using folder = await temporaryDirectory()
  const cwd = folder.path
  const { out } = await registrant(['completion', 'bash'], { cwd })
  await writeFile(join(cwd, 'my client.json'), '{}')
  const line = 'COMP_WORDS=(registrant check my) COMP_CWORD=2; _registrant; printf "%s|" "${COMPREPLY[@]}"'
  const completed = await promisify(execFile)('bash', ['-c', `${out}\n${line}`], { cwd })
  expect(completed.stdout).toBe('my client.json|')
})

test('what every command takes may stand before its name', async () => {
  await using place = await openServer()
  const { code, out } = await place.run(['--json', 'status'])
  expect([code, JSON.parse(out)]).toMatchObject([0, { state: 'absent' }])
})

test('what an error says of options of a program is told for the command line', async () => {
  await using place = await openServer()
  const { code, error } = await place.run(['init', 'http://login.example.com', '--application', 'orders'])
  expect(error).toContain('Here that is REGISTRANT_ALLOW_HTTP, and --allow-http of init. (policy)')
  expect(code).toBe(5)
  const declared = (generation: string): Record<string, string> => ({
    REGISTRANT_GENERATION: generation,
    REGISTRANT_METADATA: JSON.stringify({ ...metadata, client_name: `of ${generation}` }),
  })
  await place.run(['ensure'], { env: declared('2') })
  const sentence = 'Here these are REGISTRANT_GENERATION and REGISTRANT_INSTANCE.'
  expect((await place.run(['ensure'], { env: declared('1') })).error).toContain(sentence)
  expect((await place.run(['ensure', '--dry-run'], { env: declared('1') })).out).toContain(sentence)
})

test('a store that fails is told of once, and recover asks nobody over a record of a newer release', async () => {
  await using place = await openServer()
  const { error } = await place.run(['status'], { env: { REGISTRANT_STORE: 'redis://127.0.0.1:1' } })
  expect(error.match(/the store failed/g)).toHaveLength(1)
  await place.run(['ensure'])
  const keys = join(place.folder.path, 'state/registrant')
  const [key = ''] = await readdir(keys)
  const newest = Math.max(...(await readdir(join(keys, key))).filter((it) => /^\d+$/.test(it)).map(Number))
  await writeFile(join(keys, key, String(newest)), 'registrant 9 x\n{}')
  const refused = await place.run(['recover'], { input: '{ "client_id": "known" }' })
  expect(refused.error).toMatch(/\(newer-schema\)$/m)
  expect(refused.error).not.toContain('--yes')
})

test('a configuration file of another kind is told by its ending, not by the release of Node', async () => {
  await using place = await openServer()
  await writeFile(join(place.folder.path, 'registrant.conf'), '{}')
  expect(await place.run(['status', '--config', 'registrant.conf'])).toMatchObject({
    code: 2,
    error: expect.stringMatching(/Name it by what it holds: \.json, \.ts, \.mts, \.js or \.mjs\.$/m),
  })
})

test('doctor looks at the certificate of a server that is named by its address', async () => {
  await using host = await startHost()
  await using place = await openServer()
  await writeFile(join(place.folder.path, 'ca.pem'), host.ca)
  host.serve('/.well-known/oauth-authorization-server', async () =>
    Response.json({ issuer: host.url, registration_endpoint: `${host.url}/register` }),
  )
  const { out, error } = await place.run(['doctor'], {
    env: { REGISTRANT_ISSUER: host.url, NODE_EXTRA_CA_CERTS: 'ca.pem' },
  })
  expect(out).toMatch(/^[✓!] certificate: ends /m)
  expect(error).toBe('')
})

test('role prints a Role for the Secret that is named', async () => {
  const { out } = await registrant(['role', '--namespace', 'shop', '--secret', 'orders'], { cwd: process.cwd() })
  expect(out).toContain('resourceNames: [orders]')
  expect(out).toContain('  namespace: shop')
  expect(out).not.toMatch(/NAMESPACE|SECRET|ACCOUNT/)
})

test.for(['123', '0x1f', '1e3', '2026-11-29', 'null', 'true', 'yes', 'y', 'nobody', 'a.1'])(
  'role prints the name %s as a text',
  async (name) => {
    const args = ['--namespace', name, '--secret', name, '--service-account', name]
    const { out } = await registrant(['role', ...args], { cwd: process.cwd() })
    const [role, binding] = parseAllDocuments(out, { version: '1.1' }).map((it): unknown => it.toJS())
    expect(role).toMatchObject({ metadata: { name, namespace: name }, rules: [{ resourceNames: [name] }, {}] })
    const subject = { name, namespace: name }
    expect(binding).toMatchObject({ metadata: subject, subjects: [subject], roleRef: { name } })
  },
)
