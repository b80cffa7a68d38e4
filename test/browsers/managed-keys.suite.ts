import { startOidcProvider } from '@registrant/test/servers'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'

import { ask } from '../keys/speak.ts'
import { call } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'
import type { Visited, Wish } from './lab/visit.ts'
import { eventually } from './tab.ts'
import type { Tab } from './tab.ts'

/** A client that may get tokens for itself, so that a server shows whether it believes the proof. */
const metadata = { grant_types: ['authorization_code', 'client_credentials'], response_types: ['code'] }

type Proven = Required<Pick<Visited, 'client_id' | 'proof'>> & { kid: string | undefined }

/** A visit of a page that keeps keys, with what proves its client. */
async function prove(tab: Tab, wish: Wish): Promise<Proven> {
  const visited: Partial<Proven> = Object(await tab.evaluate(call('lab.visit', { metadata, keys: {}, ...wish })))
  const { client_id, proof } = visited
  if (client_id === undefined || proof === undefined) throw new Error(`No proof: ${JSON.stringify(visited)}`)
  return { client_id, proof, kid: decodeProtectedHeader(proof.form?.['client_assertion'] ?? '').kid }
}

export function managedKeys(bench: () => Bench): void {
  describe('a key that the page keeps', () => {
    test('is published with the client, signs, and can not be exported by any script of the page', async () => {
      await using server = await startOidcProvider({ open: true })
      const tab = await open(bench().browser, bench().lab)
      const { client_id, kid } = await prove(tab, { issuer: server.issuer })
      expect(server.registration(client_id)).toMatchObject({
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kid, kty: 'EC' }] },
      })
      expect(server.registration(client_id)).not.toHaveProperty('client_secret')
      const seen = await tab.evaluate(`lab.lookAtKey(${JSON.stringify(kid)})`)
      const exported = ['InvalidAccessError', 'InvalidAccessError']
      expect(seen).toMatchObject({ extractable: false, usages: ['sign'], exported })
      const records = String(Reflect.get(Object(seen), 'records'))
      expect(records).toContain(client_id)
      expect(records).toContain(kid)
      expect(records).not.toContain('"d":')
      await tab.close()
    })

    test('proves the client to the server, from each tab and after a reload, without another request', async () => {
      await using server = await startOidcProvider({ open: true })
      const as = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
      const [tab, other] = [await open(bench().browser, bench().lab), await open(bench().browser, bench().lab)]
      const first = await prove(tab, { issuer: server.issuer })
      const asked = server.requests.length
      const second = await prove(other, { issuer: server.issuer })
      await tab.goto(bench().lab.page)
      await eventually(tab, "typeof lab === 'object'")
      const third = await prove(tab, { issuer: server.issuer })
      expect(server.requests).toHaveLength(asked)
      const { client_id, kid } = first
      for (const each of [first, second, third]) {
        expect(each).toMatchObject({ client_id, kid })
        expect((await ask(as, each.proof)).status).toBe(200)
      }
      await Promise.all([tab.close(), other.close()])
    })

    test('is followed by another when its time has come, and both are good for a while', async () => {
      await using server = await startOidcProvider({ open: true })
      const as = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
      const tab = await open(bench().browser, bench().lab)
      const wish = { issuer: server.issuer, keepManagementToken: true }
      const old = await prove(tab, wish)
      const fresh = await prove(tab, { ...wish, keys: { rotateAfter: 1 } })
      expect(fresh.client_id).toBe(old.client_id)
      expect(fresh.kid).not.toBe(old.kid)
      const keys = [{ kid: fresh.kid }, { kid: old.kid }]
      expect(server.registration(old.client_id)).toMatchObject({ jwks: { keys } })
      for (const { proof } of [old, fresh]) expect((await ask(as, proof)).status).toBe(200)
      expect(await tab.evaluate(`lab.lookAtKey(${JSON.stringify(fresh.kid)})`)).toMatchObject({ extractable: false })
      await tab.close()
    })
  })
}
