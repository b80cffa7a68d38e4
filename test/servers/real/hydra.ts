import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { hydra as profile } from '@registrant/node/profiles'

import { freePort, place, run, startChild } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '2.3.0'

export const hydra: RealServer = {
  name: 'hydra',
  title: 'Ory Hydra',
  version,
  source: 'Go modules: github.com/ory/hydra/v2',
  async install(folder) {
    await run('go', ['version'])
    await place(folder, 'hydra.go')
    const replaced = 'github.com/gobuffalo/pop/v6 => github.com/ory/pop/v6 v6.2.1-0.20241121111754-e5dfc0f3344b'
    const lines = ['module hydra', 'go 1.22', `require github.com/ory/hydra/v2 v${version}`, `replace ${replaced}`]
    await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`)
    const env = { ...process.env, GOFLAGS: '-mod=mod' }
    await run('go', ['mod', 'tidy'], { cwd: folder, env })
    await run('go', ['build', '-tags', 'sqlite', '-o', 'hydra', '.'], { cwd: folder, env })
  },
  async start(folder) {
    const [port, adminPort] = [await freePort(), await freePort()]
    const issuer = `http://127.0.0.1:${port}`
    const admin = `http://127.0.0.1:${adminPort}/admin/clients`
    const { answers, stop } = startChild(join(folder, 'hydra'), ['serve', 'all', '--dev'], {
      cwd: folder,
      env: {
        ...process.env,
        DSN: 'memory',
        SECRETS_SYSTEM: 'a-secret-of-more-than-16-characters',
        URLS_SELF_ISSUER: issuer,
        URLS_LOGIN: `${issuer}/login`,
        URLS_CONSENT: `${issuer}/consent`,
        SERVE_PUBLIC_HOST: '127.0.0.1',
        SERVE_PUBLIC_PORT: String(port),
        SERVE_ADMIN_HOST: '127.0.0.1',
        SERVE_ADMIN_PORT: String(adminPort),
        SQA_OPT_OUT: 'true',
        OIDC_DYNAMIC_CLIENT_REGISTRATION_ENABLED: 'true',
      },
    })
    await answers(`${issuer}/health/ready`)
    return {
      address: { issuer },
      async forget(clientId) {
        await fetch(`${admin}/${clientId}`, { method: 'DELETE' })
      },
      async newSecret(clientId) {
        const value = crypto.randomUUID()
        const body = JSON.stringify([{ op: 'replace', path: '/client_secret', value }])
        const answer = await fetch(`${admin}/${clientId}`, { method: 'PATCH', body })
        if (!answer.ok) throw new Error(`Hydra's admin API: ${answer.status} ${await answer.text()}`)
        return value
      },
      stop,
    }
  },
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}
