// The shapes that other worlds give to a registration, as docs/examples has them, at scripted servers.
import { memoryStore } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { registerTool } from '../../docs/examples/lti/main.ts'
import { matrixManager } from '../../docs/examples/matrix/main.ts'
import { smartManager } from '../../docs/examples/smart/main.ts'
import { listen } from '../servers/test-server.ts'

/** A server that registers, and a place at which its metadata lie. */
async function serve(path: string): Promise<{ server: ScriptedServer; url: string } & AsyncDisposable> {
  const server = await startScriptedServer({}, { open: true })
  const { url, close } = await listen((request, response) => {
    if (request.url !== path) return void response.writeHead(404).end()
    const said = { issuer: url, token_endpoint: `${server.url}/token`, registration_endpoint: `${server.url}/register` }
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  })
  return {
    server,
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all([server.close(), close()])
    },
  }
}

test('an LTI tool registers with what the platform opened its page with', async () => {
  await using platform = await serve('/openid')
  const opened = { openid_configuration: `${platform.url}/openid`, registration_token: 'once' }
  const registered = await registerTool('https://quiz.example', opened)
  const [sent] = platform.server.requestsTo('register')
  expect(sent?.headers.authorization).toBe('Bearer once')
  const configuration = registered['https://purl.imsglobal.org/spec/lti-tool-configuration']
  expect(configuration).toMatchObject({ domain: 'quiz.example', messages: [{ type: 'LtiDeepLinkingRequest' }] })
  expect(platform.server.clientIds()).toEqual([registered.client_id])
})

test('a SMART app registers with what is below the FHIR address', async () => {
  await using clinic = await serve('/fhir/.well-known/smart-configuration')
  await using manager = await smartManager(`${clinic.url}/fhir`)
  const { client_id, scope } = await manager.ensure()
  expect(scope).toContain('launch/patient')
  expect(clinic.server.registration(client_id)).toMatchObject({ launch_uri: 'https://growth.example/launch' })
})

test('a Matrix client has a registration at each homeserver', async () => {
  const path = '/_matrix/client/v1/auth_metadata'
  await using one = await serve(path)
  await using other = await serve(path)
  const store = memoryStore()
  for (const { url, server } of [one, other, one, other]) {
    await using manager = await matrixManager(url, store)
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  }
})
