import { profileOf } from '../../environment/configuration.ts'
import type { Configured } from '../../environment/configuration.ts'
import type { Call, Command, Result } from '../command.ts'
import { declaredBy } from '../declared.ts'
import { closeStore, configuredFor, optionsFor } from '../configured.ts'
import { exitCodeOf, exitCodes } from '../exit-code.ts'
import { messageOf } from '../report.ts'
import { originIn } from './examine-cors.ts'
import { examineRegistration, examineStore } from './examine-store.ts'
import { examineServer } from './examine-server.ts'
import { probe } from './probe.ts'

/** What was looked at, and how it is: `bad` has to be mended, `doubtful` is worth a thought. */
export type Diagnosis = Judged & { about: string; says: string }

/** `exitCode`: what `doctor` exits with, where this is the first that is bad. */
export type Judged = { is: 'good' | 'doubtful'; exitCode?: number } | { is: 'bad'; exitCode: number }

export const doctor: Command = {
  name: 'doctor',
  usage: '[--origin URL] [--probe]',
  summary: 'examine configuration, store and server, and say what to do',
  help: `Examines the configuration; the store (can it be read and written, by compare-and-swap, and what may it lose: a
record "registrant-doctor" is written there); the server (metadata, endpoints, certificate, clock); and whether it supports
what is declared.

--origin asks as a page of that origin would, whether the server lets it (CORS).
--probe registers a client of its own, reads, updates and deletes it, and says what the server did.`,
  options: {
    origin: { type: 'string', value: 'URL', means: 'the origin of a page that registers itself' },
    probe: { type: 'boolean', means: 'try a registration, with a client that is deleted again' },
  },
  async run(call) {
    const origin = originIn(call.text('origin'))
    const configured = await configuredFor(call, ['issuer'])
    try {
      return report(await examine(call, configured, origin))
    } finally {
      await closeStore(configured.store, call.signal)
    }
  },
}

async function examine(call: Call, configured: Configured, origin: string | undefined): Promise<Diagnosis[]> {
  const { signal } = call
  const { store } = configured
  const lacking = missing(configured)
  const found: Diagnosis[] = [
    ...(lacking ?? [{ about: 'configuration', is: 'good', says: 'is complete' }]),
    ...(store === undefined ? [] : await examined('store', signal, () => examineStore(store, signal))),
    ...(await examined('registration', signal, () => examineRegistration(configured, signal))),
    ...(await examined('server', signal, () =>
      examineServer(configured, profileOf(configured.members), origin, signal),
    )),
  ]
  if (!call.flag('probe')) return found
  const says = 'nothing was tried, since the configuration is not complete.'
  const probed =
    lacking === undefined
      ? await examined('probe', signal, async () =>
          probe({ ...optionsFor(configured, signal), metadata: await declaredBy(configured) }, signal),
        )
      : [{ about: 'probe', is: 'doubtful', says } as const]
  return [...found, ...probed]
}

function missing({ members, metadata, store }: Configured): Diagnosis[] | undefined {
  const gone = [
    members.application === undefined && 'application',
    metadata === undefined && 'metadata',
    store === undefined && 'store',
  ].filter((name) => name !== false)
  if (gone.length === 0) return undefined
  return [
    {
      about: 'configuration',
      is: 'bad',
      says: `lacks ${gone.join(', ')}. Give REGISTRANT_${gone.map((name) => name.toUpperCase()).join(', REGISTRANT_')}, or write a file with registrant init.`,
      exitCode: exitCodes.usage,
    },
  ]
}

/** Runs an examination. Its failure is a diagnosis too, unless the signal aborted. */
async function examined(
  about: string,
  signal: AbortSignal,
  examination: () => Promise<Diagnosis[]>,
): Promise<Diagnosis[]> {
  try {
    return await examination()
  } catch (error) {
    if (signal.aborted) throw error
    return [{ about, is: 'bad', says: messageOf(error), exitCode: exitCodeOf(error) }]
  }
}

const marks = { good: '✓', doubtful: '!', bad: '✗' } as const

function report(found: readonly Diagnosis[]): Result {
  return {
    lines: found.map(({ about, is, says }) => `${marks[is]} ${about}: ${says}`),
    json: { diagnoses: found.map(({ about, is, says }) => ({ about, is, says })) },
    exitCode: found.find(({ is }) => is === 'bad')?.exitCode ?? exitCodes.done,
  }
}
