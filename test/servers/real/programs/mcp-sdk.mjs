// The authorization router of the MCP SDK for TypeScript, over a store of clients in memory. A rate of 20 registrations an
// hour is its default, and is lifted here.
import { createServer } from 'node:http'

import { mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import express from 'express'

import { listen, operator, ready } from './operator.mjs'

const clients = new Map()
const { InvalidGrantError } = await import('@modelcontextprotocol/sdk/server/auth/errors.js')
const unknownCode = async () => {
  throw new InvalidGrantError('there is no such code')
}
const app = express()
const server = createServer(app)
const issuer = await listen(server)
app.use(
  mcpAuthRouter({
    issuerUrl: new URL(issuer),
    clientRegistrationOptions: { rateLimit: false },
    tokenOptions: { rateLimit: false },
    provider: {
      clientsStore: {
        getClient: (id) => clients.get(id),
        registerClient: (client) => {
          clients.set(client.client_id, client)
          return client
        },
      },
      challengeForAuthorizationCode: unknownCode,
      exchangeAuthorizationCode: unknownCode,
      exchangeRefreshToken: unknownCode,
    },
  }),
)
// The router announces its issuer with a slash at the end.
ready({
  issuer: `${issuer}/`,
  operator: await operator({
    forget: (id) => void clients.delete(id),
    newSecret: (id) => (clients.get(id).client_secret = crypto.randomUUID()),
  }),
})
