// registrant document: a client ID metadata document, built and checked at the command line.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { canary } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { startHost } from '../identity/host.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { registrant } from './run.ts'

const url = 'https://app.example/client.json'
const metadata = {
  client_name: 'Orders',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code'],
  response_types: ['code'],
}
const document = { client_id: url, ...metadata, token_endpoint_auth_method: 'none' }

test('build prints the document, of a file, of standard input, or of the configured metadata', async () => {
  await using folder = await temporaryDirectory()
  const cwd = folder.path
  const text = JSON.stringify(metadata)
  await writeFile(join(cwd, 'orders.json'), text)
  const ways = [
    await registrant(['document', 'build', url, '--metadata', 'orders.json'], { cwd }),
    await registrant(['document', 'build', url, '--metadata', '-'], { cwd, input: text }),
    await registrant(['document', 'build', url], { cwd, env: { REGISTRANT_METADATA: text } }),
  ]
  for (const { code, out, error } of ways) {
    expect([code, error]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual(document)
  }
  const json = await registrant(['document', 'build', url, '--metadata', 'orders.json', '--json'], { cwd })
  expect(JSON.parse(json.out)).toEqual({ document, findings: [] })
})

test('what build prints is the document alone; what is worth knowing is told by the way', async () => {
  const input = JSON.stringify({ ...metadata, client_name: undefined })
  const { code, out, error } = await registrant(['document', 'build', url, '--metadata', '-'], {
    cwd: process.cwd(),
    input,
  })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ client_id: url })
  expect(error).toMatch(/^! SHOULD client_name: MCP demands it/)
})

test.each([
  ['a host alone', 'https://app.example', {}, /^✗ MUST client_id: It must have a path.+\[CIMD draft 02 section 3/m],
  ['another client', url, { client_id: 'orders' }, /^✗ MUST client_id: It is another one: it must be the address/m],
  ['a wrong redirect', url, { redirect_uris: ['/cb'] }, /^✗ MUST redirect_uris: .+\[RFC 6749/m],
  ['more than 5 kB', url, { client_name: 'x'.repeat(5000) }, /^! SHOULD document: It has \d+ bytes/m],
])('build makes no document of %s, and says why', async (_, at, members, sentence) => {
  const secret = canary()
  const input = JSON.stringify({ ...metadata, ...members, client_secret: secret })
  const place = { cwd: process.cwd(), input }
  const { code, out, error } = await registrant(['document', 'build', at, '--metadata', '-'], place)
  expect([code, out]).toEqual([5, ''])
  expect(error).toMatch(sentence)
  expect(error).toMatch(/^✗ MUST client_secret: .+ leave it out\./m)
  expect(error).toMatch(/^✗ no document was made\. Change what is told above, and build it again\.$/m)
  const json = await registrant(['document', 'build', at, '--metadata', '-', '--json'], place)
  expect(JSON.parse(json.out)).toEqual({
    findings: expect.arrayContaining([expect.objectContaining({ level: 'MUST' })]),
  })
  expect(error + json.out + json.error).not.toContain(secret)
})

test('check fetches a document over TLS, and lists what is wrong with it, the worst first', async () => {
  await using host = await startHost()
  await using folder = await temporaryDirectory()
  const ca = join(folder.path, 'ca.pem')
  await writeFile(ca, host.ca)
  const at = `${host.url}/client.json`
  const env = { NODE_EXTRA_CA_CERTS: ca }
  const check = (...options: string[]) =>
    registrant(['document', 'check', at, '--loopback', ...options], { cwd: folder.path, env })

  host.serve('/client.json', async () => Response.json({ ...document, client_id: at }))
  expect(await check()).toMatchObject({
    code: 0,
    error: '',
    out: expect.stringMatching(/^! SHOULD client_id: .+\]\n✓ servers can take the document at https:.+client\.json\n$/),
  })

  host.serve('/client.json', async () => Response.json({ ...document, 'tos_uri#\u001B[31m': 'http://app.example' }))
  const wrong = await check()
  expect(wrong.code).toBe(5)
  expect(wrong.out).toMatch(
    /^✗ MUST client_id: It is another one.+\[CIMD draft 02 section 4, draft 00 section 4\.1\]\n!/,
  )
  expect(wrong.out).toMatch(/\n✗ no server has to take the document at https:.+client\.json\n$/)
  expect(wrong.out).not.toContain('\u001B')
  const { findings, document: text } = JSON.parse((await check('--json')).out)
  expect(findings[0]).toMatchObject({ level: 'MUST', member: 'client_id' })
  expect(JSON.parse(text)).toMatchObject({ client_name: 'Orders' })

  host.serve('/client.json', async () => new Response('x'.repeat(20_000)))
  expect(await check()).toMatchObject({ code: 5, out: expect.stringContaining('document: It has more than 5 kB') })
})

test('check asks public addresses alone, and an address that does not answer can be asked later', async () => {
  const cwd = process.cwd()
  const { code, out } = await registrant(['document', 'check', 'https://127.0.0.1:1/client.json'], { cwd })
  expect([code, out]).toEqual([5, expect.stringMatching(/^✗ MUST document: It is at 127\.0\.0\.1, a special-use/)])
  const nobody = await registrant(['document', 'check', 'https://127.0.0.1:1/client.json', '--loopback'], { cwd })
  expect([nobody.code, nobody.out]).toEqual([3, ''])
  expect(nobody.error).toMatch(
    /^✗ The document at https:\/\/127\.0\.0\.1:1\/client\.json could not be fetched: .*ECONNREFUSED/,
  )
})

test('check shows no password that stands in the address', async () => {
  const address = 'https://user:hunter2@app.example/client.json'
  const { code, out, error } = await registrant(['document', 'check', address], { cwd: process.cwd() })
  expect([code, out + error]).toEqual([5, expect.stringContaining('the document at https://app.example/client.json')])
  expect(out + error).not.toContain('hunter2')
})
