import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

import * as browser from '@registrant/browser/keys'
import * as core from '@registrant/core/keys'
import * as node from '@registrant/node/keys'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const joseIsAt = createRequire(import.meta.resolve('@registrant/core')).resolve('jose')

/** Runs a program and returns the files of jose that it loaded. */
async function joseLoadedBy(program: string): Promise<string[]> {
  const watch = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    process.on('exit', () => console.log(JSON.stringify(loaded)))`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '-e', program]
  const { stdout } = await run(process.execPath, args, { cwd: import.meta.dirname, timeout: 20_000 })
  const loaded: string[] = JSON.parse(stdout)
  expect(loaded.some((url) => url.includes('/packages/core/dist/'))).toBe(true)
  return loaded.filter((url) => url.includes('/node_modules/jose/'))
}

test('nothing of jose is loaded before a key is made or signs, not by a registration and not by a secret', async () => {
  await using server = await startScriptedServer()
  const register = `
    import { RegistrationClient, clientCredentials } from '@registrant/node'
    import * as keys from '@registrant/node/keys'
    const accessToken = clientCredentials(${JSON.stringify(server.registrar)})
    const client = new RegistrationClient({ issuer: ${JSON.stringify(server.issuer)}, accessToken })
    await client.register({ redirect_uris: ['https://app.example/cb'] })
    keys.clientSecretJwt('secret')`
  expect(joseIsAt).toContain('/node_modules/jose/')
  expect(await joseLoadedBy(register)).toEqual([])
  expect(server.clients()).toBe(1)
  const signing = (alg: string): string => `${register}
    const key = await keys.generateClientKeys({ alg: '${alg}' })
    await keys.privateKeyJwt({ key })({ clientId: 'c1', server: { issuer: 'https://as.example' } })`
  for (const alg of ['ES256', 'EdDSA']) {
    const used = await joseLoadedBy(signing(alg))
    expect(used.length).toBeGreaterThan(0)
    expect(used.length).toBeLessThan(30)
  }
})

test('no entry point of the browser package leads to authentication by a shared secret', () => {
  expect(Object.keys(node).toSorted()).toEqual(Object.keys(core).toSorted())
  expect(Object.keys(core).filter((name) => !Object.keys(browser).includes(name))).toEqual([
    'clientSecretBasic',
    'clientSecretJwt',
    'clientSecretPost',
    'tlsClientAuth',
  ])
})
