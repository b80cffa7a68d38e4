// The recipes of docs/examples that are files for Kubernetes and for GitHub: what stands there is understood, and works.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { managerFromEnvironment } from '@registrant/node/environment'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import { registrant } from '../cli/run.ts'
import { temporaryDirectory } from '../support/folders.ts'

const textOf = (file: string): Promise<string> =>
  readFile(new URL(`../../docs/examples/${file}`, import.meta.url), 'utf8')

interface Manifest {
  kind: string
  metadata: { name: string; namespace: string }
}

async function manifestsIn<T extends Manifest>(file: string, kind: string): Promise<T> {
  const documents = parseAllDocuments(await textOf(`kubernetes/${file}`))
  expect(documents.flatMap((it) => [...it.errors, ...it.warnings])).toEqual([])
  const found: T | undefined = documents.map((it): T => it.toJS()).find((it) => it.kind === kind)
  if (found === undefined) throw new Error(`${file} has no ${kind}`)
  return found
}

interface Deployment extends Manifest {
  spec: {
    template: {
      spec: {
        serviceAccountName: string
        volumes: { name: string }[]
        containers: { env: { name: string; value: string }[]; volumeMounts: { name: string; mountPath: string }[] }[]
      }
    }
  }
}

test('the Role is what registrant role prints, for the Secret and the account that the Deployment names', async () => {
  const service = await manifestsIn<Deployment>('service.yaml', 'Deployment')
  const { serviceAccountName } = service.spec.template.spec
  const [container] = service.spec.template.spec.containers
  const [, namespace = '', secret = ''] =
    /^kubernetes:(.+)\/(.+)$/.exec(container?.env.find(({ name }) => name === 'REGISTRANT_STORE')?.value ?? '') ?? []
  const args = ['role', '--namespace', namespace, '--secret', secret, '--service-account', serviceAccountName]
  const { out } = await registrant(args, { cwd: import.meta.dirname })
  expect(await textOf('kubernetes/role.yaml')).toBe(out)
  expect(service.metadata.namespace).toBe(namespace)
  expect((await manifestsIn<Manifest>('service.yaml', 'ServiceAccount')).metadata.name).toBe(serviceAccountName)
})

test('the variables of the Deployment configure a manager, and its secrets lie where they are mounted', async () => {
  const { spec } = (await manifestsIn<Deployment>('service.yaml', 'Deployment')).spec.template
  const [{ env, volumeMounts } = { env: [], volumeMounts: [] }] = spec.containers
  const [mount] = volumeMounts
  expect(spec.volumes.map(({ name }) => name)).toContain(mount?.name)
  await using folder = await temporaryDirectory()
  await mkdir(join(folder.path, 'mounted'))
  await writeFile(join(folder.path, 'mounted/client-secret'), 'a secret\n')
  await writeFile(join(folder.path, 'mounted/store-key'), Buffer.alloc(32, 'k').toString('base64'))
  const inHere = (value: string): string => value.replace(mount?.mountPath ?? '', join(folder.path, 'mounted'))
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, inHere(value)]))
  await (await managerFromEnvironment(variables)).close()
})

test('the workflow registers the client of a preview, and deletes it when the pull request is closed', async () => {
  const workflow: {
    env: Record<string, string>
    jobs: { client: { env: Record<string, string>; steps: { if?: string; run?: string }[] } }
  } = parse(await textOf('preview/preview.yaml'), { strict: true })
  const metadata = { authorization_endpoint: 'https://login.example.com/authorize' }
  await using server = await startScriptedServer({}, { open: true, metadata })
  await using folder = await temporaryDirectory()
  const { client } = workflow.jobs
  const said: Record<string, string> = {
    'github.event.number': '7',
    'secrets.PREVIEW_STORE': 'file:state',
    'secrets.PREVIEW_STORE_KEY': Buffer.alloc(32, 'k').toString('base64'),
    'secrets.INITIAL_ACCESS_TOKEN': 'a token',
  }
  const filled = (value: string): string =>
    value.replaceAll(/\$\{\{ (.+?) \}\}/g, (_, name) => said[name] ?? `no ${name}`)
  const env = Object.fromEntries(
    Object.entries({ ...workflow.env, ...client.env }).map(([name, value]) => [name, filled(value)]),
  )
  const run = async (action: string): Promise<void> => {
    for (const step of client.steps) {
      const [, isNot, wanted] = /^github\.event\.action (!?)={1,2} '(\w+)'$/.exec(step.if ?? '') ?? []
      if (wanted === undefined || (wanted === action) === (isNot === '!')) continue
      const args = step.run?.replace(/^npx registrant /, '').split(' ') ?? []
      const ended = await registrant(args, {
        cwd: folder.path,
        env: { ...env, REGISTRANT_ISSUER: server.issuer },
      })
      expect(ended).toMatchObject({ code: 0, error: '' })
    }
  }
  await run('opened')
  await run('synchronize')
  expect(server.clientIds()).toHaveLength(1)
  expect(server.requestsTo('register')[0]?.body).toContain('https://pr-7.preview.example/callback')
  await run('closed')
  expect(server.clients()).toBe(0)
})
