import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as profiles from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import type { Scripts } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { askForToken } from '../servers/speak.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { runWalk } from './run-walk.ts'

const headings = (out: string): string[] => out.match(/(?<=^\d {2})[A-Z][a-z ]*[a-z](?= {2})/gm) ?? []

test('a file says what is registered, and the walk tells of no member that is not in it', async () => {
  await using folder = await temporaryDirectory()
  const file = join(folder.path, 'client.json')
  const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'Orders' }
  await writeFile(file, JSON.stringify(metadata))
  const changed = { subject_type: 'pairwise', client_name: 'ORDERS', contacts: null, logo_uri: '', tos_uri: '' }
  await using server = await startScriptedServer(
    {
      register: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), ...changed } }
      },
    },
    { open: true, metadata: { token_endpoint_auth_methods_supported: ['private_key_jwt'] } },
  )
  const { code, out, error } = await runWalk(['--issuer', server.issuer, '--metadata', file])
  expect([code, error]).toEqual([0, ''])
  expect(JSON.parse(server.requestsTo('register')[0]?.body ?? '')).toEqual(metadata)
  expect(out).toContain("const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'Orders' }")
  const noticed = out.split('\n').filter((line) => line.includes('noticed'))
  expect(noticed.join('\n')).toContain('client_name')
  expect(noticed.join('\n')).not.toMatch(
    /subject_type|contacts|logo_uri|tos_uri|response_types|token_endpoint_auth_method/,
  )
})

test.for<[what: string, text: string | undefined, sentence: RegExp]>([
  ['is not there', undefined, /^✗ --metadata: ENOENT.*client\.json/],
  ['holds no JSON', '{ redirect_uris: [] }', /^✗ --metadata: .*client\.json holds no JSON object/],
  ['holds a list', '[]', /^✗ --metadata: .*client\.json holds no JSON object/],
])('a file of metadata that %s is named', async ([, text, sentence]) => {
  await using folder = await temporaryDirectory()
  const file = join(folder.path, 'client.json')
  if (text !== undefined) await writeFile(file, text)
  const { code, error } = await runWalk(['--issuer', 'https://as.example', '--metadata', file])
  expect(error).toMatch(sentence)
  expect(code).toBe(1)
})

test('an initial access token pays, from the environment alone, and is printed nowhere', async () => {
  await using server = await startScriptedServer()
  const { body } = await askForToken(server.url, server.registrar)
  const token = String(body['access_token'])
  const asked = server.requestsTo('token').length
  const { code, out, error } = await runWalk(['--issuer', server.issuer], { token })
  expect([code, error]).toEqual([0, ''])
  expect(server.requestsTo('token')).toHaveLength(asked)
  expect(headings(out)).toEqual(['Find the endpoints', 'Register', 'Read', 'Update', 'Delete'])
  expect(out).not.toContain(token)
  expect(out).toContain("const accessToken = process.env['REGISTRANT_INITIAL_ACCESS_TOKEN'] ?? ''")

  const refused = await runWalk(['--issuer', server.issuer], { token: 'spent-spent-spent' })
  expect(refused.error).toMatch(/401.*REGISTRANT_INITIAL_ACCESS_TOKEN/)
  const shown = await runWalk(['--access-token', 'hunter2-hunter2'])
  expect(shown.error).toMatch(/REGISTRANT_INITIAL_ACCESS_TOKEN/)
  expect(shown.error).not.toContain('hunter2')
})

test('every profile is known, and its name is all that an unknown one lacks', async () => {
  const { out } = await runWalk(['--help'])
  const { error } = await runWalk(['--issuer', 'https://as.example', '--profile', 'hdyra'])
  for (const name of Object.keys(profiles)) {
    expect(out).toContain(name)
    expect(error).toContain(name)
  }
  await using server = await startScriptedServer({}, { open: true })
  const walked = await runWalk(['--issuer', server.issuer, '--profile', 'springAuthorizationServer'])
  expect([walked.code, walked.error]).toEqual([1, expect.stringContaining('still exists at the server')])
  expect(walked.out.match(/refused, before anything was sent: Spring/g)).toHaveLength(2)
})

test('a step that could not begin is not printed: no registration without the token that pays for it', async () => {
  const token = { status: 400, body: { error: 'invalid_client' } }
  await using server = await startScriptedServer({ token })
  const args = ['--issuer', server.issuer, '--client-id', 'registerClient']
  const { code, out } = await runWalk(args, { secret: 'password' })
  expect(code).toBe(1)
  expect(headings(out)).toEqual(['Find the endpoints', 'Get an access token'])

  await using without = await startScriptedServer({}, { metadata: { token_endpoint: undefined } })
  const walked = await runWalk(['--issuer', without.issuer, '--client-id', 'registerClient'], { secret: 'password' })
  expect(walked.error).toContain('names no token_endpoint')
  expect(headings(walked.out)).toEqual(['Find the endpoints', 'Get an access token'])
})

const hashed: Scripts = {
  read: (_, usual) => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), client_secret: '{bcrypt}$2a$10$abcdefghijklmnopqrstuv' } }
  },
}

test('the hash of a secret in a read is not taken for a new one', async () => {
  await using server = await startScriptedServer(hashed, { open: true })
  const plain = await runWalk(['--issuer', server.issuer])
  expect(plain.out).toMatch(
    /client_secret +\[redacted\], not as it was issued: another one, or its hash\. If this is Spring/,
  )
  expect(plain.out).toContain('--profile springAuthorizationServer')
  expect(plain.out).not.toContain('the old one is dead')
  expect(plain.out).not.toContain('bcrypt')
  const known = await runWalk(['--issuer', server.issuer, '--profile', 'springAuthorizationServer'])
  expect(known.out).toContain('[redacted], its hash: the secret that was issued stays')
})

test.for<[server: string, name: string, metadata: (url: string) => Record<string, unknown>]>([
  ['Keycloak', 'keycloak', (url) => ({ authorization_endpoint: `${url}/realms/orders/protocol/openid-connect/auth` })],
  ['Ory Hydra', 'hydra', (url) => ({ authorization_endpoint: `${url}/oauth2/auth` })],
  ['Community Solid Server', 'communitySolidServer', (url) => ({ authorization_endpoint: `${url}/.oidc/auth` })],
])('a server that spells its endpoints as %s does is said to look like it', async ([server, name, metadata]) => {
  await using plain = await startScriptedServer({}, { open: true })
  await using like = await startScriptedServer({}, { open: true, metadata: metadata(plain.url) })
  const { out } = await runWalk(['--issuer', like.issuer])
  expect(out).toContain(`noticed This looks like ${server}`)
  expect(out).toContain(`--profile ${name}`)
  expect((await runWalk(['--issuer', like.issuer, '--profile', name])).out).not.toContain('This looks like')
  expect((await runWalk(['--issuer', plain.issuer])).out).not.toContain('This looks like')
})

test('where a step fails as a profile knows of its server, that profile is named', async () => {
  await using server = await startScriptedServer({}, { open: true, metadata: { registration_endpoint: undefined } })
  const { error } = await runWalk(['--issuer', server.issuer])
  expect(error).toContain('If this is Ory Hydra, say --profile hydra.')
  await using without = await startScriptedServer({ update: { status: 404 } }, { open: true })
  expect((await runWalk(['--issuer', without.issuer])).error).toContain('--profile springAuthorizationServer')
})
