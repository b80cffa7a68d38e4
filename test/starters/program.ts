// A service that registers at its start, as a process of its own: imports everything, says `ready`, waits for a line,
// calls `ensure()` for each folder that it was given, and tells the outcome, one JSON object a line. With `forgetDelay` it
// waits for another line and reports its client as refused.
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

import { clientCredentials, fileStore, RegistrationError, RegistrationManager } from '@registrant/node'
import type { RegistrationResponse } from '@registrant/node'

import { openEngine } from './engine.ts'
import type { Told, StarterOptions } from './options.ts'

const options: StarterOptions = JSON.parse(process.argv[2] ?? '{}')
const {
  issuer,
  registrar,
  directories,
  metadata,
  timeout,
  lease,
  forgetDelay,
  report,
  generation,
  engine,
  tries = 1,
} = options
const tell = (line: Told): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

// A timer that is set into the past shows that the clock was not read again after a stop.
process.on('warning', (warning) => {
  if (warning.name === 'TimeoutNegativeWarning') throw warning
})

const opened = engine && (await openEngine(engine))
const managers = directories.map((directory) => ({
  directory,
  manager: new RegistrationManager({
    issuer,
    accessToken: clientCredentials(registrar),
    application: 'orders',
    metadata,
    generation,
    ...(opened ? { store: opened.store, instance: directory } : { store: fileStore(directory) }),
    timeout,
    lease,
    forgetDelay,
    // A listener makes the manager load the words for events, so there is one only where a test wants events.
    ...(report.length > 0 && {
      onEvent: ({ type }) => {
        if (report.includes(type)) tell({ event: type, directory })
      },
    }),
  }),
}))
// Loads what a first registration needs, so that all starters are equally quick when they are let go.
await import('@registrant/node/exchange')

tell({ event: 'ready', directory: '' })
await once(process.stdin, 'data')
const before = process.cpuUsage()
const registered = await Promise.all(managers.map((it) => told(it, ({ manager }) => manager.ensure())))
if (forgetDelay !== undefined) {
  await once(process.stdin, 'data')
  await Promise.all(
    managers.map((it, index) =>
      told(it, ({ manager }) => manager.reportRejected(registered[index] ?? { client_id: 'none' })),
    ),
  )
}
process.stdin.destroy()
await opened?.end()

async function told(
  it: (typeof managers)[number],
  act: (it: (typeof managers)[number]) => Promise<RegistrationResponse>,
): Promise<RegistrationResponse | undefined> {
  try {
    const registration = await again(() => act(it))
    const { user, system } = process.cpuUsage(before)
    const { orphans, state } = await it.manager.status()
    tell({ directory: it.directory, client_id: registration.client_id, state, orphans, cpu: (user + system) / 1000 })
    return registration
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    tell({ directory: it.directory, failed: `${error.code}: ${error.message}` })
    return undefined
  }
}

/** Calls again after a failure: a busy machine makes requests late, which is no fault of the manager. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await call()
    } catch (error) {
      if (left <= 1 || !(error instanceof RegistrationError)) throw error
      await pause(200)
    }
  }
}
