import { workersOauthProvider as profile } from '@registrant/node/profiles'
import { npmInstall, startProgram } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '1.2.3'

export const workersOauthProvider: RealServer = {
  name: 'workers-oauth-provider',
  title: 'Cloudflare workers-oauth-provider',
  version,
  source: 'npm: @cloudflare/workers-oauth-provider',
  install: (folder) => npmInstall(folder, [`@cloudflare/workers-oauth-provider@${version}`]),
  start: (folder) => startProgram(folder, 'workers-oauth-provider.mjs'),
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}
