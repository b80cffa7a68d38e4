import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'

import { glewlwyd as profile } from '@registrant/node/profiles'

import { freePort, startChild, unpackDebs } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '2.7.5'
/** The packages that it needs besides those of each Debian; they are unpacked beside it, and nothing is installed. */
const packages =
  'libconfig9 mysql-common mariadb-common libmariadb3 liborcania2.3 libyder2.0 libhoel1.4 librhonabwy1.1 libmicrohttpd12 libulfius2.7 libiddawc1.1 liboath0 glewlwyd-common glewlwyd'

export const glewlwyd: RealServer = {
  name: 'glewlwyd',
  title: 'glewlwyd',
  version,
  source: 'Debian 12: glewlwyd',
  install: (folder) => unpackDebs(folder, packages),
  async start(folder) {
    const root = join(folder, 'root')
    const data = await mkdtemp(join(tmpdir(), 'glewlwyd-'))
    const port = await freePort()
    const base = `http://127.0.0.1:${port}/api`
    const database = join(data, 'glewlwyd.db')
    const script = await readFile(join(root, 'usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz'))
    const db = new DatabaseSync(database)
    db.exec(gunzipSync(script).toString())
    db.close()
    await writeFile(join(data, 'glewlwyd.conf'), await configuration(root, port, database))
    const { answers, stop } = startChild(join(root, 'usr/bin/glewlwyd'), [`--config-file=${data}/glewlwyd.conf`], {
      cwd: data,
      env: { ...process.env, LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') },
    })
    await answers(`http://127.0.0.1:${port}/config`)
    const ask = await administrator(base)
    const issuer = `${base}/oidc`
    await ask('POST', '/mod/plugin/', plugin(issuer))
    return {
      address: { issuer },
      forget: async (clientId) => void (await ask('DELETE', `/client/${clientId}`)),
      async newSecret(clientId) {
        const secret = crypto.randomUUID()
        const client = JSON.parse(await ask('GET', `/client/${clientId}`))
        await ask('PUT', `/client/${clientId}`, { ...client, client_secret: secret, password: secret })
        return secret
      },
      async stop() {
        await stop()
        await rm(data, { recursive: true, force: true })
      },
    }
  },
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}

/** Signs in to its console; resolves to a function that sends a request there. */
async function administrator(base: string): Promise<(method: string, path: string, body?: object) => Promise<string>> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'admin', password: 'password' })
  const { headers: said } = await fetch(`${base}/auth/`, { method: 'POST', headers, body })
  const cookie = said
    .getSetCookie()
    .map((it) => it.split(';')[0])
    .join('; ')
  return async (method, path, asked) => {
    const init = { method, headers: { ...headers, cookie }, body: asked === undefined ? null : JSON.stringify(asked) }
    const answer = await fetch(base + path, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`glewlwyd's console: ${method} ${path}: ${answer.status} ${text}`)
    return text
  }
}

/** The plugin for OpenID Connect, by which everybody may register. */
const plugin = (iss: string): object => ({
  module: 'oidc',
  name: 'oidc',
  display_name: 'oidc',
  enabled: true,
  parameters: {
    iss,
    'jwt-type': 'sha',
    'jwt-key-size': '256',
    key: 'a-key-of-the-tests',
    'code-duration': 600,
    'refresh-token-duration': 1209600,
    'access-token-duration': 3600,
    'allow-non-oidc': true,
    'auth-type-client-enabled': true,
    'auth-type-code-enabled': true,
    'auth-type-implicit-enabled': true,
    'auth-type-refresh-enabled': true,
    'register-client-allowed': true,
    'register-client-auth-scope': [],
    'register-client-credentials-scope': [],
    'register-client-management-allowed': true,
  },
})

/** The configuration that Debian ships, with other addresses and files. */
async function configuration(root: string, port: number, database: string): Promise<string> {
  const sample = gunzipSync(await readFile(join(root, 'usr/share/doc/glewlwyd/glewlwyd.conf.sample.gz'))).toString()
  const settings: Record<string, string> = {
    port: String(port),
    external_url: `"http://127.0.0.1:${port}"`,
    cookie_domain: '"127.0.0.1"',
    cookie_secure: '0',
    log_level: '"ERROR"',
  }
  const named = Object.entries(settings).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`),
    sample,
  )
  const moved = named.replaceAll('"/usr/', `"${root}/usr/`).replace('/var/cache/glewlwyd/glewlwyd.db', database)
  return `bind_address="127.0.0.1"\n${moved}`
}
