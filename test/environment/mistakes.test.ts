import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { InvalidRequestError } from '@registrant/node'
import { managerFromEnvironment } from '@registrant/node/environment'
import type { Environment } from '@registrant/node/environment'
import { canary } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'

const good = {
  REGISTRANT_ISSUER: 'https://login.example.com',
  REGISTRANT_APPLICATION: 'orders',
  REGISTRANT_METADATA: '{ "grant_types": ["client_credentials"], "response_types": [] }',
  REGISTRANT_STORE: 'file:/var/lib/orders',
}

/** What is wrong with these variables, by the name of each. */
async function mistakesOf(env: Environment): Promise<Record<string, string>> {
  const error = await failure(managerFromEnvironment({ ...good, ...env }))
  if (!(error instanceof InvalidRequestError)) throw error
  for (const { member, message } of error.findings) {
    expect(error.message).toContain(`${member}: ${message}`)
    expect(message).toMatch(/\.$|\?$/)
  }
  const mistakes: Record<string, string> = {}
  for (const { member, message } of error.findings)
    mistakes[member] = [mistakes[member] ?? [], message].flat().join(' ')
  return mistakes
}

describe('a variable that can not be used is named, with what to do', () => {
  test.for<[string, string, RegExp]>([
    ['REGISTRANT_ISSUER', 'login.example.com', /Give the address as the server spells it/],
    ['REGISTRANT_ISSUER', ' https://login.example.com', /Give the address as the server spells it/],
    ['REGISTRANT_ISSUER', 'https://login.example.com?realm=1', /An issuer has neither query nor fragment/],
    ['REGISTRANT_ISSUER', 'login.example.com:443', /^Give an https address .* on this machine\.$/],
    ['REGISTRANT_ISSUER', 'ftp://login.example.com', /^Give an https address/],
    ['REGISTRANT_ISSUER', 'https://a:b@login.example.com', /^Give an https address without user info/],
    ['REGISTRANT_ISSUER', 'http://keycloak:8080', /REGISTRANT_ALLOW_HTTP=http:\/\/keycloak:8080 allows plain http/],
    ['REGISTRANT_ISSUER', '', /It is missing\. Give the address/],
    ['REGISTRANT_APPLICATION', '', /It is missing\. Give the name/],
    ['REGISTRANT_METADATA', '', /It is missing\. Give what the client is registered with/],
    ['REGISTRANT_METADATA', '{ "redirect_uris": ', /It is not JSON.* Give an object, or the path of a file/],
    ['REGISTRANT_METADATA', '/no/such/metadata.json', /metadata\.json can not be read \(ENOENT\)\. Name a file/],
    ['REGISTRANT_STORE', '', /It is missing\. Give where the registration is kept/],
    ['REGISTRANT_STORE', '/var/lib/orders', /It names no store\. Give file:PATH/],
    ['REGISTRANT_STORE', 'mongodb://db.example/orders', /There is no store mongodb\. Give/],
    ['REGISTRANT_STORE', 'file:', /It is no address of a file store\. Give file:PATH/],
    ['REGISTRANT_STORE', 'redis://[', /It is no address of a redis store/],
    ['REGISTRANT_STORE', 'kubernetes:orders/Not a name', /kubernetes store\. name: It must be a name of a Secret/],
    ['REGISTRANT_STORE', 'kubernetes://shop/orders', /It is no address of a kubernetes store\. Give .*NAMESPACE\/NAME/],
    ['REGISTRANT_STORE', 'kubernetes:shop/orders/more', /It is no address of a kubernetes store\. Give/],
    ['REGISTRANT_STORE', 'kubernetes:shop', /It is no address of a kubernetes store\. Give/],
    ['REGISTRANT_STORE_KEY', 'too short', /Give 32 random bytes in base64/],
    ['REGISTRANT_STORE_KEY_FILE', '/no/such/key', /\/no\/such\/key is not there/],
    ['REGISTRANT_STORE', 'file://remote.example/orders', /It is no address of a file store/],
    ['REGISTRANT_STORE', 'file:~/orders', /file store\. directory: It must be a path: ~ is known to shells alone/],
    [
      'REGISTRANT_STORE',
      'file:postgres://a:b@db.example/c',
      /file store\. directory: It must be a path, and this is an/,
    ],
    ['REGISTRANT_STORE_FILE', '/no/such/store', /\/no\/such\/store is not there\. Name a file/],
    ['REGISTRANT_PROFILE', 'Keycloack', /There is no such profile\. Give one of .*keycloak/],
    ['REGISTRANT_GENERATION', 'v1', /Give a whole number from 0 up/],
    ['REGISTRANT_GENERATION', '-1', /Give a whole number from 0 up/],
    ['REGISTRANT_ALLOW_HTTP', 'keycloak:8080/realms', /Give exact origins, such as http:\/\/keycloak:8080/],
    ['REGISTRANT_ALLOW_HTTP', 'http://*.example', /Give exact origins/],
    ['REGISTRANT_KEYS', 'yes', /^Give true, false, or an object as the option keys of a manager has it: alg/],
    ['REGISTRANT_KEYS', '{ "algorithm": "ES256" }', /^Give true, false, or an object/],
    ['REGISTRANT_KEYS', '{ "rotateAfter": 0 }', /rotateAfter \(milliseconds, above 0\)/],
    ['REGISTRANT_EXPECT_EXISTING', '1', /^Give true or false\.$/],
    ['REGISTRANT_AUTHENTICATION', 'tls', /Give client_secret_basic or client_secret_post/],
    ['REGISTRANT_SCOPE', 'register', /It is for a client that nobody names\. Give REGISTRANT_CLIENT_ID too/],
    ['REGISTRANT_CLIENT_SECRET', 'hunter2', /It is for a client that nobody names/],
    [
      'REGISTRANT_CLIENT_SECRET_FILE',
      'hunter2',
      /^What is given \(not shown: it may be the secret itself\) is not there/,
    ],
    ['REGISTRANT_CLIENT_SECRET_FILE', '/no/such/secret', /\/no\/such\/secret is not there/],
    ['REGISTRANT_INITIAL_ACCESS_TOKEN_FILE', '/no/such/token', /\/no\/such\/token is not there/],
    ['REGISTRANT_CONFIG', '/no/such/registrant.config.json', /can not be read \(ENOENT\)/],
    ['REGISTRANT_GENERATON', '3', /Nobody reads this variable\. Is REGISTRANT_GENERATION meant\?/],
  ])('%s=%s', async ([variable, value, message]) => {
    const mistakes = await mistakesOf({ [variable]: value })
    expect(mistakes[variable]).toMatch(message)
  })

  test('REGISTRANT_CLIENT_ID without the secret that goes with it, or beside a token', async () => {
    expect(await mistakesOf({ REGISTRANT_CLIENT_ID: 'registers' })).toEqual({
      REGISTRANT_CLIENT_SECRET: expect.stringContaining(
        'REGISTRANT_CLIENT_ID names a client, and its secret is missing',
      ),
    })
    const both = { REGISTRANT_CLIENT_ID: 'a', REGISTRANT_CLIENT_SECRET: 'b', REGISTRANT_INITIAL_ACCESS_TOKEN: 'c' }
    expect(await mistakesOf(both)).toEqual({
      REGISTRANT_INITIAL_ACCESS_TOKEN: expect.stringContaining('Leave this or REGISTRANT_CLIENT_ID out'),
    })
  })

  test('a secret beside the file that holds it, and a file that is empty or closed', async () => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'secret')
    await writeFile(path, '\n')
    const client = { REGISTRANT_CLIENT_ID: 'registers' }
    expect(await mistakesOf({ ...client, REGISTRANT_CLIENT_SECRET_FILE: path })).toMatchObject({
      REGISTRANT_CLIENT_SECRET_FILE: `${path} is empty. Write the value into it.`,
    })
    expect(
      await mistakesOf({ ...client, REGISTRANT_CLIENT_SECRET: 'x', REGISTRANT_CLIENT_SECRET_FILE: path }),
    ).toMatchObject({ REGISTRANT_CLIENT_SECRET_FILE: expect.any(String) })
    await mkdir(join(folder.path, 'folder'))
    expect(await mistakesOf({ REGISTRANT_CLIENT_SECRET_FILE: join(folder.path, 'folder') })).toMatchObject({
      REGISTRANT_CLIENT_SECRET_FILE: expect.stringContaining('EISDIR'),
    })
    if (process.geteuid?.() === 0) return
    await chmod(path, 0)
    expect(await mistakesOf({ REGISTRANT_CLIENT_SECRET_FILE: path })).toMatchObject({
      REGISTRANT_CLIENT_SECRET_FILE: expect.stringContaining('may not be read by this user'),
    })
  })

  test.for<[string, Buffer]>([
    ['UTF-16 with a byte order mark', Buffer.from('\uFEFFgeheim', 'utf16le')],
    ['UTF-16', Buffer.from('geheim', 'utf16le')],
    ['Latin-1', Buffer.from('gehe\u00EFm', 'latin1')],
  ])('a file in %s, whose value would be another one', async ([, content]) => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, 'content')
    await writeFile(path, content)
    const client = { REGISTRANT_CLIENT_ID: 'registers' }
    for (const given of [
      { ...client, REGISTRANT_CLIENT_SECRET_FILE: path },
      { REGISTRANT_METADATA: path },
      { REGISTRANT_CONFIG: path },
    ]) {
      const [member = ''] = Object.keys(given).slice(-1)
      // A configuration file is JSON by its name.
      if (member === 'REGISTRANT_CONFIG') await rename(path, `${path}.json`)
      const env = member === 'REGISTRANT_CONFIG' ? { [member]: `${path}.json` } : given
      expect((await mistakesOf(env))[member]).toMatch(
        /content(?:\.json)? is no text in UTF-8\. Write it in that encoding\.$/,
      )
    }
  })

  test('a member of the metadata that is of the wrong kind, by its path', async () => {
    const metadata = '{ "redirect_uris": "https://app.example/callback", "contacts": [1] }'
    expect(await mistakesOf({ REGISTRANT_METADATA: metadata })).toEqual({
      'redirect_uris in REGISTRANT_METADATA': 'It must be an array.',
      'contacts.0 in REGISTRANT_METADATA': 'It must be a string.',
    })
  })
})

test('an issuer of plain http can be used where that is allowed', async () => {
  const env = { ...good, REGISTRANT_ISSUER: 'http://keycloak:8080/realms/a' }
  await (await managerFromEnvironment({ ...env, REGISTRANT_ALLOW_HTTP: 'http://keycloak:8080' })).close()
  expect(await mistakesOf({ ...env, REGISTRANT_GENERATION: 'v1' })).toEqual({
    REGISTRANT_ISSUER: expect.stringContaining('For development'),
    REGISTRANT_GENERATION: expect.any(String),
  })
})

test.each([
  ['metadata', 'metadata: { n: 1n }', /nothing in it that holds itself, and no BigInt\.$/],
  ['metadata', 'get metadata() { const it = {}; it.it = it; return it }', /nothing in it that holds itself/],
  ['keys', "keys: true, metadata: { token_endpoint_auth_method: 'client_secret_basic' }", /Leave the method and alg/],
])('what a manager refuses of %s in a program is a mistake of the configuration: %s', async (member, said, message) => {
  await using folder = await temporaryDirectory()
  const path = join(folder.path, 'registrant.config.mjs')
  await writeFile(path, `export default { ${said} }`)
  const mistakes = await mistakesOf({ REGISTRANT_METADATA: '', REGISTRANT_CONFIG: path })
  expect(mistakes).toEqual({ [`${member} in registrant.config.mjs`]: expect.stringMatching(message) })
})

test('all mistakes are told at once', async () => {
  const env = {
    REGISTRANT_ISSUER: 'login',
    REGISTRANT_STORE: 'x',
    REGISTRANT_GENERATION: 'v1',
    REGISTRANT_PROFILE: '?',
  }
  expect(Object.keys(await mistakesOf(env)).toSorted()).toEqual(Object.keys(env).toSorted())
})

test.for([
  ['REGISTRANT_ISSUER', ''],
  ['REGISTRANT_ISSUER', 'http://keycloak:8080'],
  ['REGISTRANT_APPLICATION', ''],
  ['REGISTRANT_STORE', 'mongodb://x'],
] as const)(
  '%s=%s hides no mistake that only shows where members are looked at together',
  async ([variable, value]) => {
    const keys = { REGISTRANT_KEYS: 'true', REGISTRANT_METADATA: '{ "token_endpoint_auth_method": "none" }' }
    const wrong = await mistakesOf({ ...keys, [variable]: value })
    expect(wrong).toEqual({
      REGISTRANT_KEYS: expect.stringMatching(/^Leave the method/),
      [variable]: expect.any(String),
    })
  },
)

test('no secret is told, whatever is wrong with it or beside it', async () => {
  const secrets = Array.from({ length: 4 }, canary)
  const [secret, token, password, key] = secrets
  const error = await failure(
    managerFromEnvironment({
      REGISTRANT_CLIENT_SECRET: secret,
      REGISTRANT_INITIAL_ACCESS_TOKEN: token,
      REGISTRANT_STORE: `mongodb://orders:${password}@db.example/orders`,
      REGISTRANT_STORE_KEY: key,
      REGISTRANT_METADATA: `{ "client_secret": "${secret}" `,
    }),
  )
  const shown = `${error.message} ${JSON.stringify(error)} ${String(error.stack)}`
  for (const value of secrets) expect(shown).not.toContain(value)
})

test('variables of other programs are left alone', async () => {
  const others = {
    REGISTRANT_SERVICE_HOST: '10.0.0.1',
    REGISTRANT_PORT: 'tcp://10.0.0.1:80',
    REGISTRANT_CANARIES: '/x',
  }
  await expect(managerFromEnvironment({ ...good, ...others })).resolves.toBeDefined()
})

test('variables and options that are none are refused by their name', async () => {
  for (const wrong of [null, 'REGISTRANT_ISSUER=x', { ...good, REGISTRANT_GENERATION: 3 }, { REGISTRANT_CONFIG: [] }])
    expect(await failure(Reflect.apply(managerFromEnvironment, undefined, [wrong]))).toMatchObject({
      code: 'invalid-request',
      findings: [{ member: 'env' }],
    })
  expect(await failure(Reflect.apply(managerFromEnvironment, undefined, [good, null]))).toMatchObject({
    code: 'invalid-request',
    findings: [{ member: 'options' }],
  })
})

test.each([
  ['json', false],
  ['mjs', true],
])(
  'an address with a password in a file of %s: taken is %s, since a program has it from elsewhere',
  async (type, taken) => {
    await using folder = await temporaryDirectory()
    const path = join(folder.path, `registrant.config.${type}`)
    const said = JSON.stringify({ store: 'redis://:hunter2@cache.example' })
    await writeFile(path, type === 'json' ? said : `export default ${said}`)
    const reading = managerFromEnvironment({ ...good, REGISTRANT_STORE: '', REGISTRANT_CONFIG: path })
    const error = await reading.then(
      (manager) => manager.close(),
      (reason: unknown) => reason,
    )
    if (taken) expect(error).toBeUndefined()
    else
      expect(error).toMatchObject({
        findings: [{ member: 'store in registrant.config.json', message: expect.stringContaining('as storeFile.') }],
      })
    expect(String(error)).not.toContain('hunter2')
  },
)
