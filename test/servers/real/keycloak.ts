import { keycloak as profile } from '@registrant/node/profiles'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, run, startChild } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '26.7.3'
const admin = { username: 'admin', password: 'admin' }

export const keycloak: RealServer = {
  name: 'keycloak',
  title: 'Keycloak',
  version,
  source: 'Maven Central: org.keycloak:keycloak-quarkus-dist (zip)',
  async install(folder) {
    await run('java', ['-version'])
    const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${version}:zip`
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
    await run('mvn', ['-q', '-B', plugin, artifact, `-DoutputDirectory=${folder}`])
    await run('unzip', ['-q', `keycloak-quarkus-dist-${version}.zip`], { cwd: folder })
    await rm(join(folder, `keycloak-quarkus-dist-${version}.zip`))
  },
  async start(folder) {
    const [port, management] = [await freePort(), await freePort()]
    const base = `http://127.0.0.1:${port}`
    const data = await mkdtemp(join(tmpdir(), 'keycloak-'))
    const args = ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', `--http-port=${port}`]
    const { answers, stop } = startChild(join(folder, `keycloak-${version}/bin/kc.sh`), args, {
      cwd: data,
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
        KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
        KC_HTTP_MANAGEMENT_PORT: String(management),
        KC_CACHE: 'local',
        JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx768m',
      },
    })
    await answers(`${base}/realms/master`)
    const ask = console(base)
    await ask('POST', '', { realm: 'registrant', enabled: true })
    await openToLoopback(ask)
    const inner = async (clientId: string): Promise<string> => {
      const found = await ask('GET', `/registrant/clients?clientId=${encodeURIComponent(clientId)}`)
      return listOf(found)[0]?.['id'] ?? 'none'
    }
    return {
      address: { issuer: `${base}/realms/registrant` },
      forget: async (clientId) => void (await ask('DELETE', `/registrant/clients/${await inner(clientId)}`)),
      async newSecret(clientId) {
        const made = await ask('POST', `/registrant/clients/${await inner(clientId)}/client-secret`)
        return listOf([made])[0]?.['value'] ?? 'none'
      },
      async stop() {
        await stop()
        await rm(data, { recursive: true, force: true })
      },
    }
  },
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}

type Ask = (method: string, path: string, body?: object) => Promise<unknown>

/** Sends requests to its console as an administrator. */
function console(base: string): Ask {
  return async (method, path, body) => {
    const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...admin })
    const token = await fetch(`${base}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form })
    const { access_token } = await token.json()
    const answer = await fetch(`${base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Keycloak's console: ${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** A list of objects, whose members are text as far as they matter here. */
const listOf = (said: unknown): Record<string, string>[] => (Array.isArray(said) ? said : [])

/** Trusts loopback: without this no client without a token may register. */
async function openToLoopback(ask: Ask): Promise<void> {
  const type = 'org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy'
  const policies = listOf(await ask('GET', `/registrant/components?type=${type}`))
  for (const policy of policies) {
    if (policy['providerId'] !== 'trusted-hosts') continue
    const config = {
      'trusted-hosts': ['127.0.0.1', 'orders.example'],
      'host-sending-registration-request-must-match': ['true'],
      'client-uris-must-match': ['false'],
    }
    await ask('PUT', `/registrant/components/${policy['id']}`, { ...policy, config })
  }
}
