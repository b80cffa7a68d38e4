// oidc-provider with dynamic registration; `management` as argument: RFC 7592 too, which its own default leaves off.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'

import { Provider } from 'oidc-provider'

import { listen, operator, ready } from './operator.mjs'

const server = createServer((request, response) => answer(request, response))
const issuer = await listen(server)
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const kept = new Map()

/** What the provider keeps of one kind of thing. */
class Kept {
  constructor(kind) {
    this.kind = kind
  }
  async upsert(id, payload) {
    kept.set(`${this.kind}:${id}`, payload)
  }
  async find(id) {
    return kept.get(`${this.kind}:${id}`)
  }
  async findByUid() {}
  async findByUserCode() {}
  async destroy(id) {
    kept.delete(`${this.kind}:${id}`)
  }
  async consume() {}
  async revokeByGrantId() {}
}

const provider = new Provider(issuer, {
  adapter: Kept,
  clients: [],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'a' }] },
  cookies: { keys: ['loopback'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    registrationManagement: { enabled: process.argv.includes('management') },
  },
})
const answer = provider.callback()

ready({
  issuer,
  operator: await operator({
    forget: (id) => void kept.delete(`Client:${id}`),
    newSecret: (id) => (kept.get(`Client:${id}`).client_secret = crypto.randomUUID()),
  }),
})
