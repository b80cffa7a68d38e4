import { StateError } from '../../errors.ts'
import { NotSupportedError } from '../../server-errors.ts'
import type { Context, Step, Work } from '../context.ts'
import { goOnWith } from '../context.ts'
import { isOutage, meaningOf, saidOf, waitOf } from '../ensure/outcomes.ts'
import { isExpired } from '../record/credentials.ts'
import { day, minute } from '../record/mark.ts'
import { emptyRecord } from '../record/read.ts'
import type { Found, RegistrationRecord } from '../record/record.ts'
import { withOutage, withPause, withSetback, withSuccess } from '../record/setbacks.ts'
import { offeredBy, tellChoice } from './chosen-route.ts'

type Offered = RegistrationRecord['offers']

/** Looks at the server's metadata, and writes down what it offers: replicas and later starts need not look again. */
export async function learnOffers(context: Context, found: Found | undefined, { signal }: Work): Promise<Step> {
  const before = found?.record ?? emptyRecord(context.identity)
  let offers: Offered
  try {
    offers = await askServer(context, before.registration !== undefined, signal)
  } catch (error) {
    return goOnWithout(context, found, error, signal)
  }
  const { choose: _, ...setbacks } = before.setbacks ?? {}
  const next = { ...withSuccess(before, 'choose'), offers, setbacks }
  if (await context.records.save(next, found)) tellChoice(context, next)
  return 'again'
}

async function askServer(context: Context, hasClient: boolean, signal: AbortSignal): Promise<Offered> {
  const { session, clock } = context
  const at = clock.now()
  try {
    const { server, until } = await session.discovered({ signal })
    const offered = offeredBy(context, server)
    const documents = offered.client_id_metadata_document_supported === true || undefined
    const registers = offered.registration_endpoint !== undefined || undefined
    // Where no route is open, an operator may be about to change that.
    const most = documents || registers ? day : minute
    return { at, length: Math.min(Math.max(until - clock.monotonic(), minute), most), documents, registers }
  } catch (error) {
    // A client in use goes on; where there is none, a route that needs no metadata is tried.
    if (error instanceof NotSupportedError && !hasClient) return { at, length: minute }
    throw error
  }
}

/**
 * Looks at the server's metadata once more, so that the route is chosen anew. Where the server has asked to be left alone, or
 * can't be asked: why, and for how many milliseconds.
 */
export async function lookAgain(
  { session, records, memory, clock }: Context,
  record: RegistrationRecord,
  server: Context['session']['discover'],
): Promise<{ said: string; wait: number } | undefined> {
  const pause = memory.pauseIn(record, clock.now())
  if (pause) return pause
  try {
    await session.moved(await server())
    // A look that failed says nothing; asking once more tells why.
    await server()
  } catch (error) {
    const { retryAfter = 0 } = error instanceof StateError ? error : {}
    return { said: saidOf(error), wait: waitOf(error) ?? retryAfter }
  }
  await records.modify((latest) => (latest.offers ? { ...latest, offers: undefined } : undefined))
  return undefined
}

/** The server could not be asked: a client that works stays in use. */
async function goOnWithout(
  context: Context,
  found: Found | undefined,
  error: unknown,
  dropped: AbortSignal,
): Promise<Step> {
  const said = saidOf(error)
  const note = context.met((record) => {
    const moment = context.moment()
    if (meaningOf(error) === 'later') return withPause(record, 'choose', moment, waitOf(error), said)
    return isOutage(error)
      ? withOutage(record, 'choose', moment, context.owner, said)
      : withSetback(record, 'choose', moment, { said })
  })
  // Work that was dropped saves nothing more: a store that shows old records would refuse each save, again and again.
  const unlessDropped = (record: RegistrationRecord): RegistrationRecord => {
    dropped.throwIfAborted()
    return note(record)
  }
  await context.records.modify(unlessDropped, found).catch(() => undefined)
  const { registration } = found?.record ?? {}
  if (found === undefined || registration === undefined || isExpired(found.record, context.clock.now())) throw error
  context.tellDrift(found.record, 'unreachable', said)
  return goOnWith(context, registration, error)
}
