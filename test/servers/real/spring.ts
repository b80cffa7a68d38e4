import { clientCredentials } from '@registrant/node'
import { springAuthorizationServer as profile } from '@registrant/node/profiles'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { freePort, operated, place, run, startChild } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '7.1.2'
const accessToken = clientCredentials({
  clientId: 'registrar',
  clientSecret: 'secret',
  scope: 'client.create',
  authentication: 'client_secret_basic',
})

const common = {
  folder: 'spring',
  version,
  source: 'Maven Central: Spring Boot 4.1.2, spring-security-oauth2-authorization-server',
  async install(folder: string) {
    await run('javac', ['-version'])
    await place(folder, 'Spring.java', 'spring-pom.xml')
    await mkdir(join(folder, 'src/main/java/app'), { recursive: true })
    await copyFile(join(folder, 'Spring.java'), join(folder, 'src/main/java/app/Spring.java'))
    const goals = ['compile', 'dependency:copy-dependencies', '-DincludeScope=runtime']
    await run('mvn', ['-q', '-B', '-f', 'spring-pom.xml', ...goals], { cwd: folder })
  },
  connect: ({ issuer }: { issuer: string }) => ({ options: { issuer, profile, accessToken }, metadata: web }),
} satisfies Partial<RealServer>

async function start(folder: string, ...flags: string[]): ReturnType<RealServer['start']> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const properties = [`-Dserver.port=${port}`, '-Dserver.address=127.0.0.1', ...flags]
  const args = ['-Xmx256m', ...properties, '-cp', 'target/classes:target/dependency/*', 'app.Spring']
  const { answers, stop } = startChild('java', args, { cwd: folder })
  await answers(`${issuer}/.well-known/openid-configuration`)
  return { address: { issuer }, ...operated(`${issuer}/operator`), stop }
}

export const springConnect: RealServer = {
  ...common,
  name: 'spring-connect',
  title: 'Spring Authorization Server, /connect/register',
  start: (folder) => start(folder),
}

export const springOauth2: RealServer = {
  ...common,
  name: 'spring-oauth2',
  title: 'Spring Authorization Server, /oauth2/register',
  start: (folder) => start(folder, '-Doauth2=true'),
}
