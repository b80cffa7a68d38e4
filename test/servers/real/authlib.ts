import { authlib as profile } from '@registrant/node/profiles'
import { join } from 'node:path'

import { operated, place, run, startChild } from './process.ts'
import { web } from './server.ts'
import type { Address, RealServer } from './server.ts'

const version = '1.9.6'

async function start(folder: string, ...args: string[]): ReturnType<RealServer['start']> {
  const program = await place(folder, 'authlib-server.py')
  const { line, stop } = startChild(join(folder, 'bin/python'), [program, ...args], {
    cwd: folder,
    env: { ...process.env, AUTHLIB_INSECURE_TRANSPORT: '1' },
  })
  const address: Address = JSON.parse(await line(/^\{.*\}$/))
  return { address, ...operated(`${address.issuer}/operator`), stop }
}

const common = {
  folder: 'authlib',
  version,
  source: 'PyPI: authlib, flask',
  async install(folder: string) {
    await run('python3', ['-m', 'venv', folder])
    await run(join(folder, 'bin/pip'), ['install', '-q', `authlib==${version}`, 'flask==3.1.3', 'werkzeug==3.1.9'])
  },
  connect: ({ issuer }: Address) => ({ options: { issuer, profile }, metadata: web }),
} satisfies Partial<RealServer>

export const authlib: RealServer = {
  ...common,
  name: 'authlib',
  title: 'Authlib, without the code grant',
  start: (folder) => start(folder),
}

export const authlibCodes: RealServer = {
  ...common,
  name: 'authlib-codes',
  title: 'Authlib, with the code grant',
  start: (folder) => start(folder, 'codes'),
}
