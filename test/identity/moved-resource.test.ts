// A protected resource that moves from one authorization server to another, and the clients of both.
import { memoryStore, RegistrationManager } from '@registrant/node'
import type { RegistrationResponse } from '@registrant/node'
import { checkMcpClient, discoverProtectedResource } from '@registrant/node/identity'
import type { ClientIdentities } from '@registrant/node/identity'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { afterEach, expect, test } from 'vitest'

import { listen } from '../servers/test-server.ts'

const metadata = { redirect_uris: ['https://app.example/callback'] }
const metadataDocument = 'https://app.example/client.json'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(opened.splice(0).map((it) => it.close()))))

async function serve(says: Record<string, unknown> = {}): Promise<ScriptedServer> {
  const server = await startScriptedServer({}, { open: true, metadata: says })
  opened.push(server)
  return server
}

/** A resource, and a program that finds its server anew at each start; its store stays. */
async function startResource(before: ScriptedServer) {
  let issuers = [before.issuer]
  const resource = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ resource: resource.url, authorization_servers: issuers }))
  })
  opened.push(resource)
  const store = memoryStore()
  return {
    moveTo: (...to: ScriptedServer[]) => void (issuers = to.map(({ issuer }) => issuer)),
    async startProgram(options: ClientIdentities & { known?: string[] } = {}) {
      const { known, ...identities } = options
      const { issuer } = await discoverProtectedResource(resource.url, { known })
      const manager = new RegistrationManager({ issuer, application: 'agent', metadata, store, ...identities })
      opened.push(manager)
      return { issuer, manager }
    },
    /** What the program is there, as it starts. */
    async client(options?: ClientIdentities & { known?: string[] }): Promise<RegistrationResponse> {
      return (await this.startProgram(options)).manager.ensure()
    },
  }
}

/** Everything that a server was told. */
const toldTo = ({ requests }: ScriptedServer): string => JSON.stringify(requests)

test('the program registers at the new server, and the client of the old one is neither used there nor lost', async () => {
  const [before, after] = [await serve(), await serve()]
  const resource = await startResource(before)
  const old = await resource.client()
  resource.moveTo(after)
  const { issuer, manager } = await resource.startProgram()
  const fresh = await manager.ensure()
  expect(issuer).toBe(after.issuer)
  expect(after.clientIds()).toEqual([fresh.client_id])
  expect(fresh.client_id).not.toBe(old.client_id)
  for (const secret of [old.client_id, ...before.secrets()]) expect(toldTo(after)).not.toContain(secret)
  // To the new server's manager it is no client at all: nothing to replace, to delete or to list.
  expect(await manager.status()).toMatchObject({ orphans: [], replaced: [] })

  // It moves back: the first client is still there, and nobody is asked.
  const asked = [before.requests.length, after.requests.length]
  resource.moveTo(before)
  expect(await resource.client()).toEqual(old)
  expect([before.requests.length, after.requests.length]).toEqual(asked)
})

test('the client of the old server is deleted by a manager of that server, when it is not needed any more', async () => {
  const [before, after] = [await serve(), await serve()]
  const resource = await startResource(before)
  const { manager: ofOld } = await resource.startProgram()
  await ofOld.ensure()
  resource.moveTo(after)
  const fresh = await resource.client()
  await ofOld.delete()
  expect(before.clients()).toBe(0)
  expect(await resource.client()).toEqual(fresh)
  expect(after.clientIds()).toEqual([fresh.client_id])
})

test('a server that is known already is used as long as the resource names it, and no other is registered at', async () => {
  const [before, after] = [await serve(), await serve()]
  const resource = await startResource(before)
  const old = await resource.client()
  resource.moveTo(after, before)
  expect(await resource.client({ known: [before.issuer] })).toEqual(old)
  expect(after.requests).toEqual([])
})

test('a client that was registered by hand at the old server is not taken to the new one', async () => {
  const [before, after] = [await serve(), await serve()]
  const preRegistered = { issuer: before.issuer, client_id: 'by-hand', client_secret: 'a secret of the old server' }
  const resource = await startResource(before)
  expect(await resource.client({ preRegistered })).toMatchObject({ client_id: 'by-hand' })
  resource.moveTo(after)
  const { client_id } = await resource.client({ preRegistered })
  expect(after.clientIds()).toEqual([client_id])
  expect(toldTo(after)).not.toMatch(/by-hand|a secret of the old server/)
})

test('a client that its document describes is the same at both, where both take documents', async () => {
  const takesDocuments = { client_id_metadata_document_supported: true }
  const [before, after, third] = [await serve(takesDocuments), await serve(takesDocuments), await serve()]
  const resource = await startResource(before)
  for (const server of [before, after]) {
    resource.moveTo(server)
    expect((await resource.client({ metadataDocument })).client_id).toBe(metadataDocument)
    expect(server.clients()).toBe(0)
  }
  resource.moveTo(third)
  const { client_id } = await resource.client({ metadataDocument })
  expect(third.clientIds()).toEqual([client_id])
})

test('checkMcpClient() says that credentials of the old server are not for the new one', async () => {
  const [before, after] = [await serve(), await serve()]
  const resource = await startResource(before)
  const { client_id } = await resource.client()
  resource.moveTo(after)
  const { issuer } = await resource.startProgram()
  const findings = checkMcpClient({ metadata, server: { issuer }, credentials: { issuer: before.issuer, client_id } })
  expect(findings.map(({ rule }) => rule)).toContain('mcp-credentials')
})
