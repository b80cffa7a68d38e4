// A service that registers at its start, at a server that runs already: `starter.ts NAME ADDRESS DIRECTORY`.
import { fileStore, RegistrationManager } from '@registrant/node'

import { servers } from './servers.ts'
import type { Address } from './server.ts'

const [name, text = '{}', directory = ''] = process.argv.slice(2)
const address: Address = JSON.parse(text)
const server = servers.find((it) => it.name === name)
if (server === undefined) throw new Error(`there is no ${name}`)
const { options, metadata } = server.connect(address)
const manager = new RegistrationManager({
  ...options,
  application: 'orders',
  metadata,
  store: fileStore(directory),
})
try {
  const { client_id } = await manager.ensure()
  console.log(`client ${client_id}`)
} catch (error) {
  console.log(`failed ${String(error).replaceAll('\n', ' ')}`)
}
