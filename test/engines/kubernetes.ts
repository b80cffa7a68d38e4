import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

import { generate } from 'selfsigned'

import { temporaryDirectory } from '../support/folders.ts'

interface Stored {
  apiVersion: string
  kind: string
  metadata: Record<string, unknown> & { name: string; uid: string; resourceVersion: string }
  data?: Record<string, string>
  immutable?: boolean
  [member: string]: unknown
}

interface Watch {
  name: string
  response: ServerResponse
}

/** The part of a Kubernetes API that keeps Secrets, as its documentation and its source describe it. */
export interface KubernetesApi {
  readonly url: string
  /** The folder that a pod would have, with token, certificate and namespace. */
  readonly serviceAccount: string
  readonly secrets: Map<string, Stored>
  /** Every request: its method, what it is about, and its answer, or that the client did not wait for one. */
  readonly requests: string[]
  /** The verbs that the service account may use. */
  readonly verbs: Set<string>
  /** Runs before a request is answered. */
  before: ((method: string) => void | Promise<void>) | undefined
  /** The next answers of this method are lost after they were carried out. */
  lose: string | undefined
  /** The answer in place of the usual one, after the request was carried out. */
  instead: ((method: string) => [status: number, body: object] | undefined) | undefined
  /** Replaces the token in the folder; the old one is refused. */
  rotateToken(): Promise<void>
  /** Ends every watch by an event that its `resourceVersion` is too old (410). */
  expireWatches(): void
  /** How many watches there are. */
  watches(): number
  /** Changes a Secret as somebody else would. */
  touch(name: string, change: (secret: Stored) => void): void
  [Symbol.asyncDispose](): Promise<void>
}

const namespace = 'orders'
const limit = 1_048_576

export async function startKubernetesApi(): Promise<KubernetesApi> {
  const folder = await temporaryDirectory()
  const serviceAccount = join(folder.path, 'serviceaccount')
  await mkdir(serviceAccount)
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  let token = crypto.randomUUID()
  const mount = async (): Promise<void> => {
    await writeFile(join(serviceAccount, 'token'), `${token}\n`)
    await writeFile(join(serviceAccount, 'ca.crt'), cert)
    await writeFile(join(serviceAccount, 'namespace'), namespace)
  }
  await mount()
  const secrets = new Map<string, Stored>()
  let watches: Watch[] = []
  let revision = 1000

  const tell = (type: string, secret: Stored): void => {
    for (const { name, response } of watches)
      if (name === secret.metadata.name) response.write(`${JSON.stringify({ type, object: secret })}\n`)
  }
  const put = (secret: Stored, type: 'ADDED' | 'MODIFIED'): Stored => {
    const stored = { ...secret, metadata: { ...secret.metadata, resourceVersion: String(++revision) } }
    secrets.set(stored.metadata.name, stored)
    tell(type, stored)
    return stored
  }

  const answer = async (method: string, url: URL, body: string): Promise<[status: number, body: object]> => {
    const path = /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/.exec(url.pathname)
    const [, space = '', name = ''] = path ?? []
    const verb = { GET: 'get', POST: 'create', PUT: 'update' }[method] ?? ''
    if (path === null) return status(404, 'NotFound', 'the server could not find the requested resource')
    if (!api.verbs.has(verb))
      return status(403, 'Forbidden', `secrets "${name}" is forbidden: User "system:serviceaccount" cannot ${verb} it`)
    const current = secrets.get(name)
    if (method === 'GET') return space === namespace && current ? [200, current] : notFound(name)
    const sent: Stored = JSON.parse(body)
    if (body.length > 3 * limit)
      return status(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728')
    if (Object.values(sent.data ?? {}).reduce((sum, it) => sum + Buffer.from(it, 'base64').length, 0) > limit)
      return status(422, 'Invalid', 'data: Too long: must have at most 1048576 bytes')
    if (method === 'POST') {
      if (space !== namespace) return status(404, 'NotFound', `namespaces "${space}" not found`, 'namespaces')
      if (secrets.has(sent.metadata.name))
        return status(409, 'AlreadyExists', `secrets "${sent.metadata.name}" already exists`)
      return [201, put({ ...sent, metadata: { ...sent.metadata, namespace, uid: crypto.randomUUID() } }, 'ADDED')]
    }
    if (current === undefined || space !== namespace) return notFound(name)
    const { uid, resourceVersion } = sent.metadata
    if (
      (uid ?? current.metadata.uid) !== current.metadata.uid ||
      (resourceVersion ?? '') !== current.metadata.resourceVersion
    )
      return status(409, 'Conflict', `Operation cannot be fulfilled on secrets "${name}": the object has been modified`)
    if (current.immutable) return status(422, 'Invalid', 'data: Forbidden: field is immutable when `immutable` is set')
    return [200, put(sent, 'MODIFIED')]
  }

  const watch = (url: URL, response: ServerResponse): void => {
    const name = (url.searchParams.get('fieldSelector') ?? '').replace('metadata.name=', '')
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const open = { name, response }
    watches.push(open)
    response.on('close', () => (watches = watches.filter((it) => it !== open)))
    const current = secrets.get(name)
    if (current) response.write(`${JSON.stringify({ type: 'ADDED', object: current })}\n`)
  }

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += String(part)
    const { method = '' } = request
    let isAnswered = false
    response.on('close', () => {
      if (!isAnswered) api.requests.push(`${method} left`)
    })
    const url = new URL(request.url ?? '', 'https://127.0.0.1')
    await api.before?.(method)
    const isWatch = url.searchParams.get('watch') === '1'
    const isKnown = request.headers.authorization === `Bearer ${token}`
    const [code, object] = !isKnown
      ? status(401, 'Unauthorized', 'Unauthorized')
      : isWatch
        ? api.verbs.has('watch')
          ? [200, {}]
          : status(403, 'Forbidden', 'secrets is forbidden: cannot watch it')
        : await answer(method, url, body)
    isAnswered = true
    api.requests.push(`${isWatch ? 'WATCH' : method} ${code}`)
    if (isWatch && code === 200) return watch(url, response)
    if (api.lose === method) {
      request.socket.destroy()
      return
    }
    const [told, said] = api.instead?.(method) ?? [code, object]
    response.writeHead(told, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  }
  const server = createServer({ key, cert }, (request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const api: KubernetesApi = {
    url: `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    serviceAccount,
    secrets,
    requests: [],
    verbs: new Set(['get', 'create', 'update', 'watch']),
    before: undefined,
    lose: undefined,
    instead: undefined,
    async rotateToken() {
      token = crypto.randomUUID()
      await mount()
    },
    expireWatches() {
      const [, gone] = status(410, 'Expired', 'too old resource version: 1 (2)')
      for (const { response } of watches) response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`)
    },
    watches: () => watches.length,
    touch(name, change) {
      const secret = structuredClone(secrets.get(name))
      if (secret === undefined) throw new Error(`There is no Secret ${name}`)
      change(secret)
      put(secret, 'MODIFIED')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await folder[Symbol.asyncDispose]()
    },
  }
  return api
}

/** The answer of the API where it does not do what was asked. */
export const status = (code: number, reason: string, message: string, kind = 'secrets'): [number, object] => [
  code,
  { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details: { kind }, code },
]

const notFound = (name: string): [number, object] => status(404, 'NotFound', `secrets "${name}" not found`)
