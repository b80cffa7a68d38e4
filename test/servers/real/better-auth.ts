import { betterAuth as profile } from '@registrant/node/profiles'
import { npmInstall, startProgram } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '1.7.5'

export const betterAuth: RealServer = {
  name: 'better-auth',
  title: 'better-auth, @better-auth/oauth-provider',
  version,
  source: 'npm: better-auth, @better-auth/oauth-provider',
  install: (folder) =>
    npmInstall(folder, [`better-auth@${version}`, `@better-auth/oauth-provider@${version}`], '--legacy-peer-deps'),
  start: (folder) => startProgram(folder, 'better-auth.mjs'),
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
  own: { known: 'nothing tells the two apart, so the word of the application counts: replaced' },
}
