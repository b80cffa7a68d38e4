import { communitySolidServer as profile } from '@registrant/node/profiles'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, npmInstall, startChild } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '7.2.0'

export const communitySolidServer: RealServer = {
  name: 'community-solid-server',
  title: 'Community Solid Server',
  version,
  source: 'npm: @solid/community-server',
  install: (folder) => npmInstall(folder, [`@solid/community-server@${version}`]),
  async start(folder) {
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}/`
    const data = await mkdtemp(join(tmpdir(), 'solid-'))
    const program = join(folder, 'node_modules/@solid/community-server/bin/server.js')
    const args = ['-c', '@css:config/file.json', '-f', data, '-p', String(port), '-b', issuer, '-l', 'warn']
    const { answers, stop } = startChild(process.execPath, [program, ...args], { cwd: folder })
    await answers(`${issuer}.well-known/openid-configuration`)
    return {
      address: { issuer },
      forget: (clientId) => rm(join(data, '.internal/idp/adapter/Client', `${encodeURIComponent(clientId)}$.json`)),
      async stop() {
        await stop()
        await rm(data, { recursive: true, force: true })
      },
    }
  },
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
  own: { update: 'management is switched off: 404', delete: 'management is switched off: 404' },
}
