import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { generateClientKeys, signSoftwareStatement } from '@registrant/node/keys'
import { startOidcProvider } from '@registrant/test/servers'

import { temporaryDirectory } from '../support/folders.ts'
import { registrant } from './run.ts'

/** The address of the server in the pages. */
const server = 'https://login.example.com'

/** A command of a page, and what the page says that it prints. */
export interface Step {
  command: string
  printed: string
}

/** The commands in the `console` blocks of a page, in their order. */
export function stepsOf(page: string): Step[] {
  const blocks = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  return blocks.flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = '', ...printed] = step.split('\n')
        return { command, printed: printed.join('\n') }
      }),
  )
}

/**
 * Runs commands one after the other at a real server, in a folder with the files that the page speaks of; what each printed,
 * as the page would say it. No secret of the server may be among it.
 */
export async function play(commands: readonly string[]): Promise<{ printed: string[]; secrets: string[] }> {
  await using provider = await startOidcProvider()
  await using folder = await temporaryDirectory()
  const cwd = folder.path
  const key = await generateClientKeys()
  const claims = { iss: 'https://publisher.example', software_id: 'orders', client_name: 'Orders' }
  await writeFile(join(cwd, 'statement.jwt'), await signSoftwareStatement(claims, { key }))
  await writeFile(join(cwd, 'key.json'), JSON.stringify(key.publicJwk))
  await writeFile(
    join(cwd, 'known.json'),
    JSON.stringify({ client_id: 'known-elsewhere', client_secret: 'its secret' }),
  )
  await writeFile(join(cwd, 'metadata.json'), JSON.stringify({ redirect_uris: ['/callback'] }))
  await writeFile(
    join(cwd, 'orders.json'),
    JSON.stringify({
      client_name: 'Orders',
      redirect_uris: ['https://app.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
  )
  const { clientId, clientSecret } = provider.registrar
  const env: Record<string, string> = {
    REGISTRANT_CLIENT_SECRET: clientSecret,
    REGISTRANT_AUTHENTICATION: 'client_secret_post',
  }
  const clients: string[] = []
  const printed: string[] = []
  for (const command of commands) {
    const words = command.replace(server, provider.issuer).replace('registerClient', clientId).split(' ')
    const settings = words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('='))
    const args = words.slice(settings.length + 1)
    const ended = await registrant(args, { cwd, env: { ...env, ...Object.fromEntries(settings) } })
    for (const id of provider.clientIds()) if (!clients.includes(id)) clients.push(id)
    const shown = clients.reduce(
      (text, id, index) => text.replaceAll(id, `client-${index + 1}`),
      (ended.out + ended.error).replaceAll(provider.issuer, server),
    )
    printed.push(ended.code === 0 ? shown : `${shown}(exit code ${ended.code})\n`)
  }
  return { printed, secrets: [...provider.secrets(), clientSecret] }
}

/** What differs from run to run: instants, and what a key is called. */
export const steady = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z \((?:in )?[^)]+\)/g, 'TIME')
    .replaceAll(/^(kid +)\S+$/gm, '$1KID')
    .replaceAll(/^(client_id_issued_at +)\d+$/gm, '$1TIME')
    // A client that is made and deleted again within one command is never listed.
    .replaceAll(/(probe: registered client )\S+/g, '$1CLIENT')
