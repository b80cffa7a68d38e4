import { authhero as profile } from '@registrant/node/profiles'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { npmInstall, startProgram } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '9.6.1'

export const authhero: RealServer = {
  name: 'authhero',
  title: 'authhero',
  version,
  source: 'npm: authhero, @authhero/kysely-adapter',
  async install(folder) {
    // Two packages that it names, and holds compiled in, were never published.
    await mkdir(join(folder, 'absent'))
    await writeFile(join(folder, 'absent/package.json'), '{ "name": "absent", "version": "1.0.0" }\n')
    const overrides = { '@authhero/proxy': 'file:./absent', '@authhero/saml': 'file:./absent' }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', overrides }))
    const packages = [
      `authhero@${version}`,
      '@authhero/kysely-adapter@10.119.0',
      '@authhero/widget@0.19.1',
      '@hono/node-server@1.19.9',
      '@hono/zod-openapi@1.6.3',
      'hono@4.11.4',
      'kysely@0.27.6',
      'ua-parser-js@2.0.6',
      'zod@4.5.4',
    ]
    await npmInstall(folder, packages, '--legacy-peer-deps')
  },
  own: { secret: 'nothing tells: the token endpoint answers all alike, and a read shows no secret' },
  start: (folder) => startProgram(folder, 'authhero.mjs'),
  connect: ({ issuer }) => ({
    options: { issuer, profile },
    metadata: { ...web, token_endpoint_auth_method: 'client_secret_post' },
  }),
}
