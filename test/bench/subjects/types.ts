import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { Subject } from '../subject.ts'
import type { Sample, Ways } from '../turns.ts'

const cache = join(import.meta.dirname, '.cache/types')
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')

/** Programs as authors of a service, a page and a library write them; beside an empty one, and services by other libraries. */
const programs = {
  nothing: 'export const nothing = 0',
  'a service': `
    import { clientCredentials, fileStore, RegistrationManager } from '@registrant/node'
    import { keycloak } from '@registrant/node/profiles'
    export const manager = new RegistrationManager({
      issuer: 'https://as.example',
      accessToken: clientCredentials({ clientId: 'registers', clientSecret: 'secret', scope: 'register' }),
      application: 'orders',
      profile: keycloak,
      metadata: {
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: 'orders:read',
        'client_name#fr': 'Commandes',
      },
      store: fileStore('/var/lib/orders'),
      onEvent: (event) => console.log(event.type === 'finding' ? event.finding.message : event.type),
    })
    const { client_id, client_secret_expires_at = 0 } = await manager.ensure()
    console.log(client_id, client_secret_expires_at + 1)`,
  'a page': `
    import { indexedDbStore, RegistrationManager } from '@registrant/browser'
    const manager = new RegistrationManager({
      issuer: 'https://as.example',
      application: 'orders-web',
      metadata: { redirect_uris: [\`\${location.origin}/callback\`] },
      store: indexedDbStore(),
    })
    document.title = (await manager.ensure()).client_id`,
  'a library': `
    import type { Changes, RegistrationRequest, RegistrationResponse, UpdateRequest } from '@registrant/core'
    export interface Registrar {
      register(metadata: RegistrationRequest): Promise<RegistrationResponse>
      update(current: RegistrationResponse, changes: Changes<RegistrationRequest>): Promise<RegistrationResponse>
    }
    export const updateOf = (current: RegistrationResponse, name: string): UpdateRequest => ({
      client_id: current.client_id,
      redirect_uris: current.redirect_uris,
      client_name: name,
    })
    export const grantsOf = (request: RegistrationRequest): readonly string[] => request.grant_types ?? ['authorization_code']`,
  'a service by oauth4webapi': `
    import * as oauth from 'oauth4webapi'
    const issuer = new URL('https://as.example')
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer))
    const answer = await oauth.dynamicClientRegistrationRequest(server, { redirect_uris: [] })
    console.log((await oauth.processDynamicClientRegistrationResponse(answer)).client_id)`,
  'a service by openid-client': `
    import * as client from 'openid-client'
    const made = await client.dynamicClientRegistration(new URL('https://as.example'), { redirect_uris: [] })
    console.log(made.clientMetadata().client_id)`,
  'a service by @modelcontextprotocol/sdk': `
    import { registerClient } from '@modelcontextprotocol/sdk/client/auth.js'
    const made = await registerClient('https://as.example', { clientMetadata: { redirect_uris: [] } })
    console.log(made.client_id)`,
}

export const types: Subject = {
  name: 'types',
  title: 'Type-checking',
  about: 'A fresh compiler for a program of one file, with the types of Node and of the DOM, dependencies unchecked.',
  rounds: 11,
  figures: { wall: 'ms', instantiations: 'instantiations', lines: 'lines' },
  base: 'nothing',
  async open() {
    await mkdir(cache, { recursive: true })
    await writeFile(join(cache, 'package.json'), '{ "type": "module" }')
    const ways: Record<string, Ways[string]> = {}
    for (const [name, program] of Object.entries(programs)) {
      const file = `${name.replaceAll(/\W+/g, '-')}.ts`
      await writeFile(join(cache, file), program)
      ways[name] = () => check(file)
    }
    return { ways, [Symbol.asyncDispose]: () => rm(cache, { recursive: true, force: true }) }
  },
}

function check(file: string): Sample {
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023']
  const platform = [
    '--skipLibCheck',
    '--lib',
    'es2023,dom,dom.iterable',
    '--types',
    'node',
    '--extendedDiagnostics',
    '--ignoreConfig',
  ]
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, ...platform, file], {
    cwd: cache,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${file}: ${stdout}`)
  const figure = (label: string): number =>
    Number.parseFloat(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1] ?? 'NaN')
  return { wall: 1000 * figure('Total time'), instantiations: figure('Instantiations'), lines: figure('Lines') }
}
