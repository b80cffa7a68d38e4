import { oidcProvider as profile } from '@registrant/node/profiles'
import { npmInstall, startProgram } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '9.13.3'
const common = {
  folder: 'oidc-provider',
  version,
  source: 'npm: oidc-provider',
  install: (folder: string) => npmInstall(folder, [`oidc-provider@${version}`]),
}

export const oidcProvider: RealServer = {
  ...common,
  name: 'oidc-provider',
  title: 'oidc-provider, as it comes',
  start: (folder) => startProgram(folder, 'oidc-provider.mjs'),
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
  own: {
    read: 'management is switched off by default',
    update: 'management is switched off by default: 404',
    delete: 'management is switched off by default: 404',
  },
}

export const oidcProviderManaged: RealServer = {
  ...common,
  name: 'oidc-provider-managed',
  title: 'oidc-provider, registrationManagement on',
  start: (folder) => startProgram(folder, 'oidc-provider.mjs', ['management']),
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}
