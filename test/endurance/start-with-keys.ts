// One start of a program whose manager keeps a key: `node start-with-keys.ts '{"issuer":…}'`. It dies where it is told to,
// or prints what it came to.
import { clientCredentials, fileStore, RegistrationManager } from '@registrant/node'

import type { Start } from './keys.ts'

const { issuer, registrar, folder, application, dies }: Start = JSON.parse(process.argv[2] ?? '{}')

const die = (): void => void process.kill(process.pid, 'SIGKILL')

const manager = new RegistrationManager({
  issuer,
  application,
  accessToken: clientCredentials(registrar),
  metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
  store: fileStore(folder),
  keys: {},
  // The next start waits for the lease; a busy machine needs some seconds for a start.
  timeout: 8000,
  lease: 13_000,
  fetch: async (input, init) => {
    const isRegistration = new Request(input, init).url === `${issuer}/register`
    if (isRegistration && dies === 'before the request') die()
    const answer = await fetch(input, init)
    if (isRegistration && dies === 'before the answer') die()
    return answer
  },
})
if (typeof dies === 'number') setTimeout(die, dies)
const { client_id } = await manager.ensure()
const { form } = await manager.authentication()
const { orphans } = await manager.status()
console.log(JSON.stringify({ client_id, form, orphans: orphans.length }))
