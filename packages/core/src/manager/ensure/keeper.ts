import type { CallOptions } from '../../client/options.ts'
import { requireClient } from '../../client/session.ts'
import type { KnownClient, RegistrationResponse } from '../../model/registration.ts'
import { bounded, requirePresent } from '../../client/deadline.ts'
import type { Context, Ensured, Goal, ProofOf, Rejected, Signals } from '../context.ts'
import { newGoal, openContext, tellRisks } from '../context.ts'
import { load as loadKeys } from '../keys/load.ts'
import { load, loadRest } from '../maintain/load.ts'
import { closed, KeyLost, slow, storeFailure } from '../errors.ts'
import { ensure, letGo, saveRemembered, serverMetadata } from './ensure.ts'
import { cutShort, Flight, Turns } from './flight.ts'

/** What is loaded when more than a first registration is needed. */
type Maintain = Awaited<ReturnType<typeof load>>

/** What a manager does when a good record is not enough: one object per manager, loaded when it is needed. */
class Keeper {
  readonly #context: Context
  readonly #turns: Turns
  /** Milliseconds that work may take. */
  readonly #most: number
  readonly #ensuring: Flight<Ensured>
  readonly #rotating: Flight<Ensured>
  readonly #reading: Flight<Ensured>
  readonly #deleting: Flight<void>
  readonly #rejecting = new Map<string, Flight<RegistrationResponse>>()

  constructor(context: Context) {
    this.#context = context
    const { onEvent, store } = context.options
    if (onEvent && store.risks) this.#context.inBackground(() => tellRisks(this.#context))
    this.#most = this.#context.lease + this.#context.timeout
    this.#turns = new Turns(this.#most, this.#context.closing.signal)
    this.#ensuring = new Flight((left) => this.#ensure(left, newGoal()))
    this.#rotating = new Flight((left) => this.#ensure(left, newGoal('rotate')))
    this.#reading = new Flight((left) => this.#ensure(left, newGoal('read')))
    this.#deleting = new Flight(async (left) => {
      const { deleteRegistration } = await load()
      return this.#turns.take(left, ({ dropped, left: leaving }) => deleteRegistration(this.#context, dropped, leaving))
    })
  }

  /** `looked`: milliseconds for which the caller has waited for the store already. */
  async ensure(call?: CallOptions, looked = 0): Promise<RegistrationResponse> {
    return (await this.#ensuring.join(call, looked > 0 ? this.#most - looked : undefined)).registration
  }

  async rotate(call?: CallOptions): Promise<RegistrationResponse> {
    return (await this.#rotating.join(call)).registration
  }

  async read(call?: CallOptions): Promise<RegistrationResponse> {
    return (await this.#reading.join(call)).registration
  }

  /** Callers that report the same credentials share the work. */
  async reportRejected(rejected: Rejected, call?: CallOptions): Promise<RegistrationResponse> {
    requireClient(rejected, 'Give the credentials that the server refused: { client_id, client_secret }')
    const { client_id, client_secret } = rejected
    const name = JSON.stringify([client_id, client_secret])
    const flight = this.#rejecting.get(name) ?? new Flight((left) => this.#reported(rejected, left, name))
    this.#rejecting.set(name, flight)
    return flight.join(call)
  }

  async #reported(rejected: Rejected, left: AbortSignal, name: string): Promise<RegistrationResponse> {
    try {
      const { reportRejected } = await load()
      const most = this.#context.forgetDelay + this.#context.timeout
      const reporting = {
        server: () => serverMetadata(this.#context),
        ensure: async (isReported = false) => (await this.#ensure(left, { ...newGoal(), isReported })).registration,
        inTurn: <T>(task: (signal: AbortSignal) => Promise<T>) =>
          this.#turns.take(left, ({ dropped }) => task(dropped)),
        left,
      }
      const report = async (): Promise<RegistrationResponse> => {
        await this.#saveRemembered(left)
        const answer = reportRejected(this.#context, rejected, reporting)
        return answer.catch((error: unknown) => this.#withoutKey(error, left))
      }
      return await bounded(most, this.#context.closing.signal, report, (why) => (why === 'late' ? slow() : closed()))
    } finally {
      this.#rejecting.delete(name)
    }
  }

  async authentication(call?: CallOptions): ReturnType<ProofOf> {
    return this.#inTime(async () => {
      await this.ensure(call)
      return proofOf(this.#context).catch(async (error: unknown) => {
        await this.#withoutKey(error, this.#context.closing.signal)
        // A home for keys that keeps no key has failed, as a store does.
        return proofOf(this.#context).catch((again: unknown) => Promise.reject(storeFailure(again)))
      })
    })
  }

  /** The home for keys has lost the client's key, and the client is of no use without it: another client takes its place. */
  async #withoutKey(error: unknown, left: AbortSignal): Promise<RegistrationResponse> {
    if (!(error instanceof KeyLost)) throw error
    return (await this.#ensure(left, newGoal('ensure', error.kid))).registration
  }

  async *watch(left: AbortSignal): AsyncGenerator<RegistrationResponse, void, undefined> {
    const { watch } = await load()
    yield* watch(this.#context, () => this.#ensuring.join({ signal: left }), left)
  }

  async delete(call?: CallOptions): Promise<void> {
    return this.#deleting.join(call)
  }

  server(call?: CallOptions): ReturnType<Context['session']['discover']> {
    return serverMetadata(this.#context, call)
  }

  status(call?: CallOptions): ReturnType<Maintain['readStatus']> {
    return this.#run(call, ({ readStatus }) => readStatus(this.#context))
  }

  async forget(call?: CallOptions): Promise<void> {
    return this.#run(call, ({ forget }) => this.#inTime((dropped) => forget(this.#context, dropped)))
  }

  async recover(known: RegistrationResponse | KnownClient, call?: CallOptions): Promise<void> {
    return this.#run(call, ({ recover }) => this.#inTime((dropped) => recover(this.#context, known, dropped)))
  }

  sweep(call?: CallOptions): ReturnType<Maintain['sweep']> {
    return this.#run(call, async ({ sweep }) => {
      await this.#saveRemembered(this.#context.closing.signal)
      return sweep(this.#context)
    })
  }

  /** Saves the answers that could not be saved before: one may hold the only token that works. */
  async #saveRemembered(left: AbortSignal): Promise<void> {
    if (this.#context.memory.unsaved.size > 0)
      await this.#turns.take(left, (signals) => saveRemembered(this.#context, signals))
  }

  /** Runs a verb that shares its work with no other call, unless its caller has left before it begins. */
  async #run<T>(call: CallOptions | undefined, verb: (maintain: Maintain) => Promise<T>): Promise<T> {
    const maintain = await load()
    requirePresent(call?.signal)
    return verb(maintain)
  }

  /** Runs a verb that has no turn; `close()` waits for it. */
  #inTime<T>(verb: (dropped: AbortSignal) => Promise<T>): Promise<T> {
    const running = bounded(this.#most, this.#context.closing.signal, verb, cutShort)
    this.#context.inBackground(() => running)
    return running
  }

  /** Waits for work that has begun, and lets go of it when its time is over. */
  async close(): Promise<void> {
    const { store, timeout } = this.#context
    await this.#release()
    await bounded(timeout, undefined, async () => store.close?.(), closed).catch(() => undefined)
  }

  async #release(): Promise<void> {
    const { timeout, owner, memory, clock } = this.#context
    const settled = async (): Promise<void> => {
      // A verb that was called before loads the same, and has its turn first.
      const loading = load()
      await loading.catch(() => undefined)
      await this.#turns.settled()
      await this.#saveRemembered(this.#context.closing.signal).catch(() => undefined)
      const { housekeep } = await loading
      await housekeep(this.#context)
      await Promise.all(memory.background)
    }
    const began = clock.monotonic()
    // Some of the time is kept for the last save.
    await bounded(timeout * 0.9, undefined, settled, closed).catch(() => undefined)
    this.#context.closing.abort(closed())
    const mine = memory.latest?.record.intent
    if (mine?.owner !== owner || mine.lease === 0) return
    const rest = Math.max(timeout * 0.1, timeout - (clock.monotonic() - began))
    await bounded(rest, undefined, () => letGo(this.#context, mine), closed).catch(() => undefined)
  }

  async #ensure(left: AbortSignal, goal: Goal): Promise<Ensured> {
    const context = this.#context
    return this.#turns.take(left, async (signals: Signals) => {
      const { answers } = context.session
      const ensured = await ensure(context, signals, goal)
      // The server has just answered: other work there can be done now, in the background.
      if (context.session.answers > answers) context.inBackground(loadRest)
      if (context.session.answers > answers && context.memory.latest?.record.previous?.length)
        context.inBackground(async () => (await load()).housekeep(context))
      return ensured
    })
  }
}

/** Makes the proof of a client for one token request: of the client in use, where none is named. */
const proofOf: ProofOf = async (context, client) =>
  (await loadKeys()).clientProof(context, client, () => serverMetadata(context))

/** A keeper whose registrations have the members that the profile says this server adds. */
export type KeeperOf<R> = Omit<Keeper, 'ensure' | 'rotate' | 'read' | 'reportRejected' | 'watch'> & {
  ensure(call?: CallOptions, looked?: number): Promise<R>
  rotate(call?: CallOptions): Promise<R>
  read(call?: CallOptions): Promise<R>
  reportRejected(rejected: Rejected, call?: CallOptions): Promise<R>
  watch(left: AbortSignal): AsyncGenerator<R, void, undefined>
}

export async function keeperOf<R extends RegistrationResponse>(
  start: Parameters<typeof openContext>[0],
  bySecret: Context['bySecret'],
): Promise<KeeperOf<R>> {
  // No type of ours can know what this server adds.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Keeper(await openContext(start, bySecret, proofOf)) as KeeperOf<RegistrationResponse> as KeeperOf<R>
}
