import type { replacePlatform } from '../../packages/core/src/platform.ts'
import { Dice } from './dice.ts'
import { takeover } from './faults.ts'
import type { AimedFault, Fault, Incident, StepFault } from './faults.ts'
import type { Befallen, Call, Credentials, History, Rest, SentRequest, Shown } from './history.ts'
import { useGlobalsOf } from './globals.ts'
import { Network } from './network.ts'
import type { Plan, PlannedCall, PlannedProcess, Routes, Verb } from './plan.ts'
import { hour, minute, second } from './plan.ts'
import { simulatedPlatform } from './platform.ts'
import { SimulatedProcess } from './process.ts'
import type { RecordView } from './record-view.ts'
import { viewOf } from './record-view.ts'
import { problemIn } from './rest.ts'
import { Scheduler } from './scheduler.ts'
import type { Happening } from './scheduler.ts'
import { document, issuer, ScriptedServer } from './server.ts'
import type { Client } from './server.ts'
import type { StoredMoment } from './store.ts'
import { SimulatedStore } from './store.ts'
import { controller } from './web.ts'

/** What is simulated: the manager, the seam that gives it clocks and chance, and an error that stores throw. */
export interface Simulated {
  RegistrationManager: new (options: never) => SimulatedManager
  replacePlatform: typeof replacePlatform
  StoreError: new (code: 'store-denied' | 'store-corrupt', message: string) => Error
}

interface CallOptions {
  signal?: AbortSignal | undefined
}

/** The verbs of a manager; those that not every manager has are optional. */
export interface SimulatedManager {
  ensure(options?: CallOptions): Promise<Credentials>
  authentication(options?: CallOptions): Promise<unknown>
  reportRejected(rejected: Credentials, options?: CallOptions): Promise<Credentials>
  status(options?: CallOptions): Promise<Status>
  sweep(options?: CallOptions): Promise<unknown>
  forget(options?: CallOptions): Promise<void>
  recover(known: Credentials, options?: CallOptions): Promise<void>
  delete(options?: CallOptions): Promise<void>
  watch(options?: CallOptions): AsyncIterable<Credentials>
  rotate?(options?: CallOptions): Promise<Credentials>
  read?(options?: CallOptions): Promise<Credentials>
  close?(options?: CallOptions): Promise<void>
}

interface Status {
  state: string
  manageable: boolean
  waiting?: { for: string; until: number }[]
}

/** How much may happen in one world: a world that needs more runs in a circle. */
const most = 700

/** How much may happen before everything is mended; what is planned for later is left out, so that each world can rest. */
const mostInStorm = 350

/** Runs one world from its beginning to its rest. */
export async function runWorld(plan: Plan, simulated: Simulated): Promise<History> {
  const world = new World(plan, simulated)
  return world.run()
}

/** Takes errors that no code could catch, in the world that runs. */
let onStray: (error: unknown) => void = () => undefined

/** Takes a rejection that no code could catch, which would end a real process. */
export const rejectedForNobody = (error: unknown): void => onStray(error)

interface Running {
  process: SimulatedProcess
  planned: PlannedProcess
  managers: SimulatedManager[]
  /** The credentials that the application uses now. */
  latest: Credentials | undefined
}

class World {
  readonly #plan: Plan
  readonly #simulated: Simulated
  readonly #dice: Dice
  readonly #scheduler: Scheduler
  readonly #server: ScriptedServer
  readonly #store: SimulatedStore
  readonly #network: Network
  readonly #processes: SimulatedProcess[] = []
  readonly #running: Running[] = []
  readonly #requests: SentRequest[] = []
  readonly #calls: Call[] = []
  readonly #shown: Shown[] = []
  readonly #befallen: Befallen[] = []
  readonly #struck: Record<string, number> = {}
  readonly #met: Record<string, number> = {}
  readonly #faults: ReadonlyMap<string, Fault & { dice?: Dice }>
  /** Incidents that strike as soon as the record is at their step. */
  readonly #aimed: Incident[] = []
  readonly #watches = new Map<AbortController, Call>()
  /** Happenings that are to come before everything is mended. */
  readonly #toCome: Happening[] = []
  #isMended = false

  constructor(plan: Plan, simulated: Simulated) {
    this.#plan = plan
    this.#simulated = simulated
    this.#dice = new Dice(plan.seed).fork('world')
    this.#scheduler = new Scheduler(this.#dice.fork('order'))
    this.#faults = new Map(plan.faults.map((it) => [it.name, { ...it }]))
    this.#server = new ScriptedServer(plan.server, this.#dice.fork('server'))
    const strikes = (fault: StepFault | AimedFault): boolean => this.#strikes(fault)
    this.#store = new SimulatedStore(plan.engine, {
      scheduler: this.#scheduler,
      dice: this.#dice.fork('store'),
      strikes,
      changed: () => this.#aim(),
      denied: () => new simulated.StoreError('store-denied', 'The store denies access.'),
      corrupt: (version) =>
        Object.defineProperty(new simulated.StoreError('store-corrupt', 'What is stored is damaged.'), 'version', {
          value: version,
        }),
    })
    this.#network = new Network({
      scheduler: this.#scheduler,
      server: this.#server,
      dice: this.#dice.fork('network'),
      latency: plan.latency,
      requests: this.#requests,
      strikes,
      storedFor: (process) => this.#store.valueFor(process),
    })
  }

  async run(): Promise<History> {
    const plan = this.#plan
    const platform = simulatedPlatform(this.#scheduler, this.#dice.fork('platform'), () => this.#hit('timers are late'))
    this.#simulated.replacePlatform(platform)
    useGlobalsOf(platform)
    const stray = (error: unknown): void => {
      const process = this.#scheduler.current ?? this.#processes[0]
      this.#note('nobody could catch an error', process)
      if (process) this.#show(process, 'error', 'stray', undefined, told(error))
    }
    onStray = stray
    this.#scheduler.beforeEach = (process) => this.#misfortune(process)
    this.#scheduler.isRunaway = () => this.#store.isBusy || this.#network.isBusy
    for (const planned of plan.processes) this.#plot(planned.startsAt, undefined, () => this.#start(planned))
    this.#planRoutes(plan.options.routes)
    for (const incident of plan.incidents)
      if (incident.during === undefined) this.#plot(incident.at, undefined, () => this.#befall(incident))
      else this.#aimed.push(incident)
    // In a world with routes the times when the server begins and ceases to take documents have to be waited for.
    let goesOn = await this.#scheduler.runUntil(plan.lasts, plan.options.routes ? most : mostInStorm)
    if (!goesOn && !plan.options.routes && !this.#scheduler.isRunaway()) goesOn = this.#endEarly()
    const mendedAt = this.#scheduler.time
    this.#mend()
    const rest: Rest = { hanging: [], unrest: undefined, wrong: undefined, excuse: undefined }
    if (goesOn) goesOn = await this.#settle(mendedAt, rest)
    return {
      plan,
      server: this.#server,
      store: this.#store,
      processes: this.#processes,
      requests: this.#requests,
      calls: this.#calls,
      shown: this.#shown,
      befallen: this.#befallen,
      mendedAt,
      endedAt: this.#scheduler.time,
      isExhausted: !goesOn,
      rest,
      struck: this.#struck,
      met: this.#met,
      choices: this.#scheduler.happened,
    }
  }

  /** Plans what is to come before everything is mended, or not at all. */
  #plot(at: number, process: SimulatedProcess | undefined, run: () => void): void {
    this.#toCome.push(this.#scheduler.plan(at, process, run))
  }

  /** From now on nothing befalls this world, planned calls are left out, and deployments that were to end have ended. */
  #endEarly(): true {
    for (const happening of this.#toCome) happening.cancelled = true
    for (const running of this.#running) if (running.planned.endsAt < this.#plan.lasts) this.#end(running, false)
    return true
  }

  /** The server begins to take documents, and may end it. */
  #planRoutes(routes: Routes | undefined): void {
    if (routes === undefined) return
    const { takenFrom, takenUntil } = routes
    const take = (takes: boolean): void => void (this.#server.takesDocuments = takes)
    take(takenFrom === 0)
    if (takenFrom > 0 && takenFrom < takenUntil) this.#scheduler.plan(takenFrom, undefined, () => take(true))
    if (takenUntil < Infinity) this.#scheduler.plan(takenUntil, undefined, () => take(false))
  }

  /** Starts a process, and plans what it is called for. */
  #start(planned: PlannedProcess): void {
    const { time } = this.#scheduler
    const process = new SimulatedProcess(
      `${planned.name}${this.#processes.some((it) => it.name === planned.name) ? `'${this.#processes.length}` : ''}`,
      this.#scheduler,
    )
    process.clockOff = planned.clockOff
    process.drift = planned.drift
    if (this.#exists('timers are late')) Object.assign(process, { lateness: 2000, wasLate: true })
    this.#processes.push(process)
    const running: Running = { process, planned, managers: [], latest: undefined }
    this.#running.push(running)
    this.#scheduler.plan(time, process, () => running.managers.push(this.#managerFor(running)))
    const left = this.#isMended ? [] : planned.calls.filter(({ at }) => at >= time)
    if (left.length < planned.calls.length) left.unshift({ verb: 'ensure', at: time, times: 1 })
    for (const call of left) this.#plot(call.at + 0.001, process, () => this.#callMany(running, call))
    if (planned.endsAt < this.#plan.lasts) this.#plot(planned.endsAt, undefined, () => this.#end(running, false))
  }

  #managerFor({ process, planned }: Running): SimulatedManager {
    const { options } = this.#plan
    const { discovers, hasToken, listens, keys, expectExisting, timeout, forgetDelay, overlap, routes } = options
    let calls = 0
    const given = {
      ...(discovers ? { issuer } : { server: this.#server.metadata() }),
      application: 'orders',
      metadata: this.#declaration(planned.declaration),
      store: this.#store.for(process),
      fetch: this.#network.for(process),
      timeout,
      forgetDelay,
      overlap,
      expectExisting: expectExisting && planned.name !== 'p1',
      ...(planned.generation !== undefined && { generation: planned.generation }),
      ...(keys && { keys: {} }),
      ...(routes && {
        prefer: routes.prefer,
        ...(routes.hasDocument && { metadataDocument: document }),
        ...(routes.isByHand && { preRegistered: { issuer, ...this.#server.byHand } }),
      }),
      ...(hasToken && {
        accessToken: async (): Promise<unknown> => {
          calls++
          if (this.#strikes('callback throws')) throw new TypeError('fetch failed')
          if (this.#strikes('callback hangs')) return new Promise(() => undefined)
          if (planned.callsBack && calls % 2 === 0)
            return this.#running
              .find((it) => it.process === process)
              ?.managers[0]?.authentication()
              .then(() => 'initial-token')
          return { access_token: 'initial-token', expires_in: 300 }
        },
      }),
      ...(listens && {
        onEvent: (event: { type: string; client_id?: string; orphan?: { client_id?: string } }): unknown => {
          this.#show(process, 'event', event.type, event.client_id ?? event.orphan?.client_id, JSON.stringify(event))
          if (!this.#strikes('callback throws')) return undefined
          if (this.#dice.chance(0.5)) return Promise.reject(new Error('a listener failed'))
          throw new Error('a listener failed')
        },
      }),
    }
    const { RegistrationManager } = this.#simulated
    // Each manager has options of its own; what is made here has what all of them need.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return new RegistrationManager(given as never)
  }

  #declaration(number: number): Record<string, unknown> {
    const { isPublic, ownProof, keys } = this.#plan.options
    const method = isPublic ? 'none' : ownProof ? 'tls_client_auth' : undefined
    return {
      redirect_uris: [`https://orders.example/callback/${number}`],
      client_name: `Orders ${number}`,
      ...(method !== undefined && !keys && { token_endpoint_auth_method: method }),
      ...(ownProof && { tls_client_auth_subject_dn: 'CN=orders' }),
      // A release that gives up being a public client.
      ...(isPublic && number === 1 && !keys && { token_endpoint_auth_method: 'client_secret_basic' }),
    }
  }

  /** Ends a process: by a death, after which it may be started again, or with its deployment. */
  #end(running: Running, restarts: boolean): void {
    const { process, planned } = running
    if (process.isDead) return
    process.isDead = true
    this.#store.buried(process)
    this.#note('process ends', process)
    if (restarts) {
      const at = this.#scheduler.time + this.#dice.between(1, 20_000)
      if (at < Math.min(planned.endsAt, this.#plan.lasts)) this.#plot(at, undefined, () => this.#start(planned))
    }
  }

  /** What may befall a process before each of its steps. */
  #misfortune(process: SimulatedProcess): void {
    if (this.#isMended || this.#faults.size === 0) return
    const running = this.#running.find((it) => it.process === process)
    if (running === undefined) return
    if (this.#strikes('process dies', 0.03)) this.#end(running, true)
    else if (this.#strikes('process pauses', 0.03)) {
      this.#note('process pauses', process)
      process.pause(this.#dice.pick([200, 5 * second, 40 * second, 10 * minute]))
    } else if (this.#strikes('process sleeps', 0.03)) {
      this.#note('process sleeps', process)
      process.sleep(this.#dice.pick([40 * second, hour]))
    }
  }

  #callMany(running: Running, planned: PlannedCall, left = planned.times): void {
    const manager = running.managers[0]
    if (manager === undefined || left <= 0) return
    if (planned.times > 1) {
      void this.#call(running, manager, planned).then(() => {
        if (left > 1)
          this.#scheduler.plan(this.#scheduler.time + 35, running.process, () =>
            this.#callMany(running, planned, left - 1),
          )
      })
      return
    }
    void this.#call(running, manager, planned)
  }

  /** Calls a verb, and keeps what comes of it. It never rejects. */
  async #call(running: Running, manager: SimulatedManager, planned: PlannedCall): Promise<Call | undefined> {
    const { process } = running
    const { verb, leaves } = planned
    if ((verb === 'rotate' || verb === 'read' || verb === 'close') && manager[verb] === undefined) return undefined
    const rejected = verb === 'reportRejected' ? this.#reported(running, planned) : undefined
    if (verb === 'reportRejected' && rejected === undefined) return undefined
    const known = verb === 'recover' ? running.latest : undefined
    if (verb === 'recover' && known === undefined) return undefined
    const call: Call = {
      number: this.#calls.length,
      process,
      manager: running.managers.indexOf(manager),
      verb,
      at: this.#scheduler.time,
      monotonic: process.monotonic,
      stood: process.stood,
      endedAt: undefined,
      serverTime: process.serverTime,
      stored: this.#store.readBy(process),
      declaration: running.planned.declaration,
      value: undefined,
      code: undefined,
      retryAfter: undefined,
      rejected,
      isFalse: rejected !== undefined && this.#works(rejected),
      leftBefore: leaves === 'before',
      leftAt: leaves === 'before' ? this.#scheduler.time : undefined,
      yielded: [],
    }
    this.#calls.push(call)
    const signal = this.#signalFor(call, leaves)
    try {
      call.value = await this.#invoke(running, manager, call, known, signal)
      if (handsOut.has(verb) && isCredentials(call.value)) running.latest = call.value
    } catch (error) {
      this.#failed(call, error)
    } finally {
      call.endedAt = this.#scheduler.time
      call.serverTime = process.serverTime
    }
    return call
  }

  async #invoke(
    running: Running,
    manager: SimulatedManager,
    call: Call,
    known: Credentials | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const options = signal === undefined ? undefined : { signal }
    switch (call.verb) {
      case 'reportRejected':
        return manager.reportRejected(call.rejected ?? { client_id: '' }, options)
      case 'recover':
        return manager.recover(known ?? { client_id: '' }, options)
      case 'watch': {
        for await (const value of manager.watch(options)) {
          call.yielded.push({ at: this.#scheduler.time, value })
          running.latest = value
        }
        return undefined
      }
      case 'status': {
        const status = await manager.status(options)
        this.#show(running.process, 'status', status.state, undefined, JSON.stringify(status))
        return status
      }
      case 'rotate':
      case 'read':
      case 'close':
        return manager[call.verb]?.(options)
      default:
        return manager[call.verb](options)
    }
  }

  /** The credentials that an application reports: those in use that the server refuses, or by mistake those that it accepts. */
  #reported(running: Running, { isFalse }: PlannedCall): Credentials | undefined {
    const { latest } = running
    if (latest === undefined) return undefined
    if (isFalse !== true && this.#works(latest)) return undefined
    return {
      client_id: latest.client_id,
      ...(latest.client_secret !== undefined && { client_secret: latest.client_secret }),
    }
  }

  #works({ client_id, client_secret }: Credentials): boolean {
    return this.#server.accepts(client_id, client_secret, this.#scheduler.time)
  }

  #signalFor(call: Call, leaves: PlannedCall['leaves']): AbortSignal | undefined {
    const strikes = this.#strikes('caller leaves')
    const leaving = controller()
    if (call.verb === 'watch') this.#watches.set(leaving, call)
    else if (leaves === undefined && !strikes) return undefined
    if (leaves === undefined && !strikes) return leaving.signal
    if (leaves === 'before') leaving.abort()
    else {
      const after = leaves ?? this.#dice.between(0, 30 * second)
      this.#scheduler.plan(this.#scheduler.time + after, call.process, () => {
        if (call.endedAt === undefined) call.leftAt = this.#scheduler.time
        leaving.abort()
      })
    }
    return leaving.signal
  }

  #failed(call: Call, error: unknown): void {
    const code =
      isObject(error) && typeof error['code'] === 'string'
        ? error['code']
        : error instanceof Error
          ? error.name
          : 'no error'
    call.code = code
    if (isObject(error) && typeof error['retryAfter'] === 'number') call.retryAfter = error['retryAfter']
    this.#show(call.process, 'error', code, undefined, told(error))
  }

  #show(
    process: SimulatedProcess,
    what: Shown['what'],
    type: string,
    client_id: string | undefined,
    text: string,
  ): void {
    this.#shown.push({ at: this.#scheduler.time, process, what, type, client_id, text })
  }

  #note(what: string, process?: SimulatedProcess, client_id?: string): void {
    this.#befallen.push({ at: this.#scheduler.time, what, process, client_id })
    this.#struck[what] = (this.#struck[what] ?? 0) + 1
    this.#meet(what)
  }

  /** The step that the record is at. */
  get #step(): string {
    const record = viewOf(this.#store.value)
    return record === undefined ? 'nothing stored' : (record.intent?.operation ?? 'at rest')
  }

  /** Counts what goes wrong by the step that the record is at. */
  #meet(what: string): void {
    const met = `${what} | ${this.#step}`
    this.#met[met] = (this.#met[met] ?? 0) + 1
  }

  /** Incidents that wait for this step strike a moment later, if the record is still at it. */
  #aim(): void {
    if (this.#aimed.length === 0 || this.#isMended) return
    const { time } = this.#scheduler
    const isMet = ({ during, at }: Incident): boolean => during === this.#step && at <= time
    for (const incident of this.#aimed.filter(isMet))
      this.#scheduler.plan(time + this.#dice.between(0, this.#plan.latency), undefined, () => {
        const at = this.#aimed.indexOf(incident)
        if (at < 0 || this.#isMended || !isMet(incident)) return
        this.#aimed.splice(at, 1)
        this.#befall(incident)
      })
  }

  #exists(fault: StepFault): boolean {
    return this.#faults.has(fault)
  }

  /** Whether a fault hits here and now. */
  #strikes(fault: StepFault | AimedFault, scale = 1): boolean {
    if (this.#isMended) return false
    const existing = this.#faults.get(fault)
    if (existing === undefined) return false
    const { time } = this.#scheduler
    if (time < existing.from || time > existing.until) return false
    if (existing.during !== undefined && existing.during !== this.#step) return false
    existing.dice ??= this.#dice.fork(fault)
    if (!existing.dice.chance(existing.chance * scale)) return false
    this.#hit(fault)
    return true
  }

  #hit(fault: StepFault | AimedFault): void {
    this.#struck[fault] = (this.#struck[fault] ?? 0) + 1
    this.#meet(fault)
  }

  #befall({ name }: Incident): void {
    const { time } = this.#scheduler
    const inUse = viewOf(this.#store.value)?.client?.client_id
    const living = this.#server.clients.filter(
      ({ deletedAt, goneAt }) => deletedAt === undefined && goneAt === undefined,
    )
    const client: Client | undefined = living.find(({ id }) => id === inUse) ?? living.at(-1)
    const process = this.#running.at(this.#dice.below(Math.max(1, this.#running.length)))?.process
    this.#note(name, name === 'clock is stepped' ? process : undefined, client?.id)
    switch (name) {
      case 'clock is stepped':
        if (process) process.clockOff += this.#dice.pick([-hour, -2 * minute, 2 * minute, hour, 24 * hour])
        return
      case 'store crashes':
        return this.#store.crash()
      case 'store goes back':
        return this.#store.goBack(1 + this.#dice.below(3))
      case 'store loses all':
        return this.#store.loseAll()
      case 'store forks': {
        this.#store.fork(this.#processes.filter(() => this.#dice.chance(0.5)))
        const forkWins = this.#dice.chance(0.5)
        this.#scheduler.plan(time + this.#dice.between(second, minute), undefined, () => this.#store.join(forkWins))
        return
      }
      case 'store is damaged':
        return this.#store.damage()
      case 'store is touched':
        return this.#store.touch()
      case 'keys are lost':
        return this.#store.loseKeys()
      case takeover: {
        this.#store.takeOver()
        const isShort = this.#dice.chance(0.5)
        if (isShort) this.#plot(time + this.#dice.between(second, minute), undefined, () => this.#store.handBack())
        return
      }
      case 'server forgets':
      case 'operator deletes':
        if (client) this.#server.forget(client, time)
        return
      case 'server restores a backup':
        for (const each of living) if (each.madeAt > time - this.#dice.between(0, time)) this.#server.forget(each, time)
        return
      case 'server moves its endpoints':
        if (this.#plan.options.discovers) this.#server.version++
        return
      case 'operator edits':
        if (client) client.metadata['client_name'] = 'An operator was here'
        return
      case 'operator disables':
        if (client) client.isDisabled = true
        return
      case 'operator takes the token':
        if (client) this.#server.takeToken(client, time)
        return
      case 'operator makes a secret':
        if (client) this.#server.makeSecret(client, time)
    }
  }

  #mend(): void {
    this.#isMended = true
    this.#store.join(true)
    this.#store.handBack()
    for (const process of this.#processes) {
      process.wake()
      process.lateness = 0
    }
    for (const client of this.#server.clients) client.isDisabled = false
    // Deployments that go on run again, so that somebody runs the newest release at least.
    const isAlive = (planned: PlannedProcess): boolean =>
      this.#running.some((it) => it.planned === planned && !it.process.isDead)
    for (const planned of this.#plan.processes)
      if (planned.endsAt > this.#plan.lasts && !isAlive(planned)) this.#start(planned)
  }

  /** Calls everybody until nothing has to be waited for any more, and looks how things stand. */
  async #settle(mendedAt: number, rest: Rest): Promise<boolean> {
    const before = this.#calls.filter(({ verb, endedAt }) => verb !== 'watch' && endedAt === undefined)
    const starts = mendedAt + 20 * second
    let last = this.#callAll(starts)
    // A watch that has to look every few seconds has seen by then what there is to see.
    if (!(await this.#scheduler.runUntil(mendedAt + 90 * second, most))) return false
    if (!this.#plan.engine.hasChanged) this.#endWatches()
    if (!(await this.#scheduler.runUntil(mendedAt + 4 * minute, most))) return false
    last = this.#callAll(this.#scheduler.time)
    if (!(await this.#scheduler.runUntil(mendedAt + 5 * minute, most))) return false
    const isUp = ({ isDead, pausedUntil }: SimulatedProcess): boolean => !isDead && pausedUntil <= mendedAt
    rest.hanging = before.filter(({ endedAt, process }) => endedAt === undefined && isUp(process))
    const { intent, state } = viewOf(this.#store.value) ?? {}
    // A deletion whose starter did not live to end it waits for the next caller that wants it.
    const isAnybodyUp = this.#running.some(({ process }) => !process.isDead && !this.#isClosed(process))
    if (
      intent !== undefined &&
      isLeft(this.#store.timeline, intent, this.#scheduler.time) &&
      state !== 'deleting' &&
      isAnybodyUp
    )
      rest.unrest = `${intent.operation} of ${intent.owner} is open`
    // Nobody watches while the world waits for days.
    this.#endWatches()
    const look = (): ReturnType<typeof problemIn> => {
      const problem = problemIn({
        plan: this.#plan,
        server: this.#server,
        store: this.#store,
        requests: this.#requests,
        running: this.#running,
        last,
        now: this.#scheduler.time,
      })
      rest.wrong = problem?.wrong
      rest.excuse = problem?.excuse
      return problem
    }
    let [waits, asked] = [0, this.#requests.length]
    for (let round = 0; round < 40; round++) {
      // Where all is well, nobody is asked until when it waits.
      if (look() === undefined) return true
      const until = Math.max(...(await this.#waits(last, mendedAt)))
      const problem = look()
      if (problem === undefined) return true
      if (problem.excuse !== undefined && !problem.goesOn) return true
      const isOver = until <= this.#scheduler.time
      // Nothing is to be waited for, and still it is wrong: again after five minutes, as a deletion that comes to nothing and three
      // denials in a row take it, or three looks and three updates that are refused, then that is how it is.
      waits = isOver ? waits + 1 : waits
      const sent = this.#requests.slice(asked)
      asked = this.#requests.length
      const isRefused = sent.length > 0 && sent.every(({ status = 0 }) => status >= 400)
      if (waits > (isRefused ? 6 : 3)) return true
      if (until > mendedAt + 20 * 24 * hour) {
        rest.excuse = 'there is more to be waited for than this world lasts'
        return true
      }
      const at = Math.max(until, this.#scheduler.time) + 2 * minute
      if (!(await this.#scheduler.runUntil(at, most))) return false
      last = this.#callAll(at)
      if (!(await this.#scheduler.runUntil(at + 3 * minute, most))) return false
    }
    rest.excuse = 'it went on and on'
    return true
  }

  /** Whether a process's manager was closed; a call whose signal had aborted before closes nothing. */
  #isClosed(process: SimulatedProcess): boolean {
    return this.#calls.some((it) => it.process === process && it.verb === 'close' && !it.leftBefore)
  }

  #endWatches(): void {
    for (const [leaving, call] of this.#watches) {
      if (call.endedAt === undefined) call.leftAt ??= this.#scheduler.time
      this.#scheduler.plan(this.#scheduler.time, call.process, () => leaving.abort())
    }
    this.#watches.clear()
  }

  /** Every process that lives calls `ensure()`, and reports what the server then refuses. */
  #callAll(at: number): Call[] {
    const calls: Call[] = []
    for (const running of this.#running.filter(({ process }) => !process.isDead)) {
      const when = at + this.#dice.between(0, 10 * second)
      this.#scheduler.plan(when, running.process, () => {
        const manager = running.managers[0]
        if (manager === undefined) return
        void this.#call(running, manager, { verb: 'ensure', at: when, times: 1 }).then(async (ensured) => {
          if (ensured) calls.push(ensured)
          if (
            ensured &&
            isCredentials(ensured.value) &&
            !this.#works(ensured.value) &&
            !this.#isPending(ensured.value)
          ) {
            const reported = await this.#call(running, manager, { verb: 'reportRejected', at: when, times: 1 })
            if (reported) calls.push(reported)
          }
        })
      })
    }
    return calls
  }

  #isPending({ client_id }: Credentials): boolean {
    const client = this.#server.client(client_id)
    return client !== undefined && this.#server.knows(client_id) && this.#scheduler.time < client.worksFrom
  }

  /** Until when processes say that they wait; an operator helps out where only an operator can. */
  async #waits(last: readonly Call[], mendedAt: number): Promise<number[]> {
    const { time } = this.#scheduler
    const waits = [0]
    for (const { retryAfter, endedAt } of last)
      if (retryAfter !== undefined && endedAt !== undefined) waits.push(endedAt + retryAfter)
    const operator = last.find(({ code }) => code === 'store-corrupt')
    const alive = this.#running.filter(({ process }) => !process.isDead)
    const running = alive.find(({ process }) => !this.#isClosed(process)) ?? alive[0]
    const manager = running?.managers[0]
    if (running === undefined || manager === undefined) return waits
    this.#scheduler.plan(time, running.process, () => {
      if (operator) void this.#call(running, manager, { verb: 'forget', at: time, times: 1 })
      if (viewOf(this.#store.value)?.state === 'deleting')
        void this.#call(running, manager, { verb: 'delete', at: time, times: 1 })
    })
    // A wait that the store has lost binds only the process that heard of it or met it.
    for (const it of [running, ...alive.filter((other) => other !== running && !this.#isClosed(other.process))].slice(
      0,
      5,
    ))
      this.#scheduler.plan(
        time,
        it.process,
        () => void this.#askUntil(it, mendedAt).then((until) => waits.push(...until)),
      )
    await this.#scheduler.runUntil(time + 30 * second, most)
    return waits
  }

  /** Until when a process waits, as its `status()` says. */
  async #askUntil(running: Running, mendedAt: number): Promise<number[]> {
    const [manager] = running.managers
    if (manager === undefined) return []
    const { value } = (await this.#call(running, manager, { verb: 'status', at: this.#scheduler.time, times: 1 })) ?? {}
    if (!isObject(value)) return []
    // A manager that does not tell of waits may have this one all the same.
    if (!Array.isArray(value['waiting'])) return [mendedAt + 2 * this.#plan.options.overlap]
    return value['waiting'].flatMap((wait) =>
      isObject(wait) && typeof wait['until'] === 'number' ? [running.process.whenItIs(wait['until'])] : [],
    )
  }
}

/** Whether an intent has stood for its whole lease; a process that renews a secret of a few seconds often has a young one. */
export const isLeft = (
  timeline: readonly StoredMoment[],
  { id, lease }: NonNullable<RecordView['intent']>,
  now: number,
): boolean => lease > 0 && now - (timeline.find(({ value }) => viewOf(value)?.intent?.id === id)?.at ?? 0) >= lease

/** Verbs that resolve to credentials. */
export const handsOut: ReadonlySet<Verb> = new Set<Verb>(['ensure', 'reportRejected', 'rotate', 'read'])

/** What an error shows, its causes included. */
function told(error: unknown): string {
  const texts: string[] = []
  for (let at: unknown = error; at instanceof Error && texts.length < 5; at = at.cause)
    texts.push(at.message, JSON.stringify(at), JSON.stringify(Object.entries(at).map(([, value]) => String(value))))
  return texts.join('\n')
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isCredentials = (value: unknown): value is Credentials =>
  isObject(value) && typeof value['client_id'] === 'string'
