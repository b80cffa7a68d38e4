import { RegistrationError } from '@registrant/core'

import { profileOf } from '../../environment/configuration.ts'
import type { Configured } from '../../environment/configuration.ts'
import type { Call, Command, Result } from '../command.ts'
import { closeStore, configuredFor, optionsFor } from '../configured.ts'
import { exitCodeOf, exitCodes } from '../exit-code.ts'
import { examineRegistration, examineStore } from './examine-store.ts'
import { examineServer } from './examine-server.ts'
import { probe } from './probe.ts'

/** What was looked at, and how it is: `bad` has to be mended, `doubtful` is worth a thought. */
export interface Diagnosis {
  about: string
  is: 'good' | 'doubtful' | 'bad'
  says: string
  /** What `doctor` exits with, where this is the first that is bad. */
  exitCode?: number
}

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
    const configured = await configuredFor(call, ['issuer'])
    try {
      return report(await examine(call, configured))
    } finally {
      await closeStore(configured.store, call.signal)
    }
  },
}

async function examine(call: Call, configured: Configured): Promise<Diagnosis[]> {
  const { store } = configured
  const found: Diagnosis[] = [
    ...missing(configured),
    ...(store === undefined ? [] : await examined('store', () => examineStore(store, call.signal))),
    ...(await examined('registration', () => examineRegistration(configured, call.signal))),
    ...(await examined('server', () => examineServer(call, configured, profileOf(configured.members)))),
  ]
  if (call.flag('probe'))
    found.push(...(await examined('probe', () => probe(optionsFor(configured, call.signal), call.signal))))
  return found
}

function missing({ members, metadata, store }: Configured): Diagnosis[] {
  const gone = [
    members.application === undefined && 'application',
    metadata === undefined && 'metadata',
    store === undefined && 'store',
  ].filter((name) => name !== false)
  if (gone.length === 0) return [{ about: 'configuration', is: 'good', says: 'is complete' }]
  return [
    {
      about: 'configuration',
      is: 'bad',
      says: `lacks ${gone.join(', ')}. Give REGISTRANT_${gone.map((name) => name.toUpperCase()).join(', REGISTRANT_')}, or write a file with registrant init.`,
      exitCode: exitCodes.usage,
    },
  ]
}

/** What an examination found; that it failed is a finding too. */
async function examined(about: string, examination: () => Promise<Diagnosis[]>): Promise<Diagnosis[]> {
  try {
    return await examination()
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    return [{ about, is: 'bad', says: `${error.message} (${error.code})`, exitCode: exitCodeOf(error) }]
  }
}

const marks = { good: '✓', doubtful: '!', bad: '✗' } as const

function report(found: readonly Diagnosis[]): Result {
  const worst = found.find(({ is }) => is === 'bad')
  return {
    lines: found.map(({ about, is, says }) => `${marks[is]} ${about}: ${says}`),
    json: { diagnoses: found.map(({ about, is, says }) => ({ about, is, says })) },
    exitCode: worst === undefined ? exitCodes.done : (worst.exitCode ?? exitCodes.failed),
  }
}
