#!/usr/bin/env node
// What type-checking costs those who use us: three programs, as a service, a page and a library author write them, measured
// against a program without us. `node packages/tools/bench/types.mjs [rounds]`; times are medians of fresh compilers.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from '../build/entry-points.mjs'

const rounds = Number(process.argv[2] ?? 5)
const folder = join(root, '.cache/bench-types')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const programs = {
  service: `
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
    console.log(client_id, client_secret_expires_at + 1)
  `,
  'single-page app': `
    import { indexedDbStore, RegistrationManager } from '@registrant/browser'
    const manager = new RegistrationManager({
      issuer: 'https://as.example',
      application: 'orders-web',
      metadata: { redirect_uris: [\`\${location.origin}/callback\`] },
      store: indexedDbStore(),
    })
    document.title = (await manager.ensure()).client_id
  `,
  'library author': `
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
    export const grantsOf = (request: RegistrationRequest): string[] => request.grant_types ?? ['authorization_code']
  `,
  nothing: 'export const nothing = 0',
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
symlinkSync(join(root, 'test/node_modules'), join(folder, 'node_modules'), 'junction')
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, `${fileOf(name)}.ts`), text)

const nodes = new Set(['service', 'nothing in Node'])
const samples = Object.fromEntries([...Object.keys(programs), 'nothing in Node'].map((name) => [name, []]))
for (let round = 0; round < rounds; round++) for (const name of Object.keys(samples)) samples[name].push(check(name))

for (const [name, taken] of Object.entries(samples)) {
  if (name.startsWith('nothing')) continue
  const bare = samples[nodes.has(name) ? 'nothing in Node' : 'nothing']
  const more = (what) => `+${taken[0][what] - bare[0][what]} ${what}`
  const later = (what) => {
    const ms = Math.round((median(taken, what) - median(bare, what)) * 1000)
    return `${ms < 0 ? '' : '+'}${ms} ms`
  }
  console.log(
    `${name}: ${taken[0].instantiations} instantiations (${more('instantiations')}, ${more('types')}, ${more('lines')}), ` +
      `total ${Math.round(median(taken, 'total') * 1000)} ms (${later('total')}, checking ${later('check')})`,
  )
}

function check(name) {
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023']
  const platform = ['--lib', 'es2023,dom', '--types', nodes.has(name) ? 'node' : '']
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, ...options, ...platform, '--extendedDiagnostics', `${fileOf(name.replace(' in Node', ''))}.ts`],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${name}: ${stdout}`)
  const figure = (label) => Number.parseFloat(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1] ?? 'NaN')
  return {
    instantiations: figure('Instantiations'),
    types: figure('Types'),
    lines: figure('Lines'),
    check: figure('Check time'),
    total: figure('Total time'),
  }
}

function fileOf(name) {
  return name.replaceAll(' ', '-')
}

function median(taken, what) {
  return taken.map((sample) => sample[what]).toSorted((a, b) => a - b)[Math.floor(taken.length / 2)]
}
