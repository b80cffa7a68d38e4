import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { generateClientKeys, signSoftwareStatement } from '@registrant/node/keys'
import { canary, startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { TestServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

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
async function openServer(options: Parameters<typeof startScriptedServer>[0] = {}) {
  const server = await startScriptedServer(options, { open: true })
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
    [['ensure', '--config'], /--config takes a value: --config FILE/],
    [['ensure', '--config', 'no.json'], /--config: .*no\.json can not be read \(ENOENT\)/],
    [['ensure', 'orders'], /ensure takes no operand\. Write registrant ensure/],
    [['ensure'], /REGISTRANT_GENERATION: Give a whole number/, { REGISTRANT_GENERATION: 'v1' }],
    [['status'], /REGISTRANT_STORE: There is no store mongodb/, { REGISTRANT_STORE: 'mongodb://x' }],
    [['status', '-x'], /There is no option -x\. See registrant status --help/],
    [['read', 'x'], /read takes no operand/],
    [['rotate', 'x'], /rotate takes no operand/],
    [['doctor', '--origin', 'app'], /--origin takes the origin of a page, such as https:\/\/app\.example/],
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

test('check tells levels and sections, and compares with the server when it is asked to', async () => {
  await using place = await openServer()
  const path = join(place.folder.path, 'metadata.json')
  await writeFile(path, JSON.stringify({ redirect_uris: ['/cb'], redirect_uri: 'x', contacts: 'a' }))
  const { code, out } = await place.run(['check', 'metadata.json'])
  expect(out).toMatch(/^✗ MUST redirect_uris: .+ \[RFC 6749 section 3\.1\.2/m)
  expect(out).toMatch(/^✗ MUST contacts: /m)
  expect(out).toMatch(/^! SHOULD redirect_uri: /m)
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
  expect(wrong.code).not.toBe(0)
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

test.skipIf(process.platform === 'win32')('init leaves a file as it was that it can not write', async () => {
  await using place = await openServer()
  const cwd = place.folder.path
  const path = join(cwd, 'registrant.config.json')
  const args = ['init', place.server.issuer, '--application', 'orders', '--yes', '--scope', 'register '.repeat(200)]
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

  await mkdir(join(cwd, 'folder'))
  for (const [config, sentence] of [
    ['no/x.json', /no\/x\.json can not be written \(ENOENT\)/],
    ['folder', /folder is no regular file/],
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

test('role prints a Role for the Secret that is named', async () => {
  const { out } = await registrant(['role', '--namespace', 'shop', '--secret', 'orders'], { cwd: process.cwd() })
  expect(out).toContain('resourceNames: [orders]')
  expect(out).toContain('  namespace: shop')
  expect(out).not.toMatch(/NAMESPACE|SECRET|ACCOUNT/)
})
