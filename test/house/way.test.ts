// The way of a request through our functions (docs/architecture.md), as the stack shows it where `fetch` is called. A function
// that returns what another promises, without awaiting it, is not on the stack any more.
import { memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import type { ClientOptions } from '@registrant/node'
import { expect, test } from 'vitest'

const metadata = { redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'none' }

/** The functions of ours on the stack of a registration's POST, the outermost first; `''` for one without a name. */
async function wayOf(start: (options: ClientOptions) => Promise<unknown>): Promise<string[]> {
  const { stackTraceLimit } = Error
  let way: string[] = []
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    if (init?.method === 'POST') way = functionsIn(new Error('here').stack ?? '')
    return Response.json({ client_id: 'c', ...metadata }, { status: 201 })
  }
  Error.stackTraceLimit = 100
  try {
    await start({ server: { issuer: 'https://as.example', registration_endpoint: 'https://as.example/r' }, fetch })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return way
}

/** A line of a stack is `at async Type.name (place)`, or `at async place`; a bundler numbers functions of one name. */
function functionsIn(stack: string): string[] {
  const ours = stack.split('\n').filter((line) => line.includes('/packages/core/dist/'))
  return ours.map((line) => /at (?:async )?(?:\w+\.)*#?(\w+)(?:\$\d+)? \(/.exec(line)?.[1] ?? '').toReversed()
}

test('from client.register() to fetch there are five functions', async () => {
  const way = await wayOf((options) => new RegistrationClient(options).register(metadata))
  expect(way).toEqual(['register', 'register', 'register', 'postRegistration', 'send'])
})

test('from the loop of ensure() to fetch there are nine functions, and two before it', async () => {
  const way = await wayOf((options) =>
    new RegistrationManager({ ...options, application: 'orders', metadata, store: memoryStore() }).ensure(),
  )
  const fromLoop = way.slice(way.indexOf('ensure'))
  // `perform()` hands on what `register()` promises.
  expect(fromLoop).toEqual([
    'ensure',
    'next',
    'register',
    'registerAnew',
    'register',
    'register',
    'postRegistration',
    'send',
  ])
})
