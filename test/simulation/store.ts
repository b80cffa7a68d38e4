import type { RegistrationStore, StoredValue } from '../../packages/core/src/store.ts'
import type { KeyPair } from '../../packages/core/src/store.ts'
import type { Dice } from './dice.ts'
import type { StepFault } from './faults.ts'
import type { SimulatedProcess } from './process.ts'
import type { Scheduler } from './scheduler.ts'

import type { StoreEngine } from './engines.ts'
import { newestKnown, viewOf } from './record-view.ts'
import { parse } from './web.ts'

/** One call of a store, as a history keeps it. */
export interface StoreOperation {
  number: number
  process: SimulatedProcess
  operation: 'load' | 'save'
  askedAt: number
  /** What was to be saved, or what a load found. */
  value: string | undefined
  /** When a save took effect. */
  appliedAt: number | undefined
  /** When the process heard that its save, or load, had worked. */
  acknowledgedAt: number | undefined
  /** What the process heard otherwise. */
  failed: string | undefined
  /** What the save replaced. */
  before: string | undefined
}

/** Something that was done to the store by none of the processes. */
export interface StoreIncident {
  at: number
  what: 'loses all' | 'goes back' | 'fork ends' | 'damaged' | 'touched' | 'crashes'
  before: string | undefined
  after: string | undefined
}

/** What stood in the store from a moment on, and what brought it there. */
export interface StoredMoment {
  at: number
  value: string | undefined
  /** With its version. */
  stored: StoredValue | undefined
  operation: StoreOperation | undefined
  incident: StoreIncident | undefined
}

/** What the store asks of its world. */
export interface StoreWorld {
  scheduler: Scheduler
  dice: Dice
  strikes(fault: StepFault): boolean
  /** Called when another value is stored. */
  changed(): void
  denied(): Error
  corrupt(version: string): Error
}

interface Waiter {
  version: string
  process: SimulatedProcess
  isFork: boolean
  wake: () => void
}

/** One store that all processes share. There is one key in it: a world has one identity. */
export class SimulatedStore {
  readonly engine: StoreEngine
  readonly operations: StoreOperation[] = []
  readonly incidents: StoreIncident[] = []
  /** Everything that ever stood in the store, in its order; without what was in a fork. */
  readonly timeline: StoredMoment[] = []
  readonly #world: StoreWorld
  readonly #strikes = (fault: StepFault): boolean => this.#world.strikes(fault)
  readonly #past: (StoredValue | undefined)[] = []
  #stored: StoredValue | undefined
  #fork: { stored: StoredValue | undefined; members: Set<SimulatedProcess> } | undefined
  #waiters: Waiter[] = []
  #holder: SimulatedProcess | undefined
  #downUntil = 0
  /** What processes have read of late, where an engine shows that again. */
  readonly #cached = new Map<SimulatedProcess, { stored: StoredValue | undefined; until: number }>()
  #queue: { process: SimulatedProcess; enter: () => void; left: boolean }[] = []
  #keys = new Map<string, KeyPair>()
  #counted = 0
  readonly #recent = new Map<SimulatedProcess, number[]>()

  constructor(engine: StoreEngine, world: StoreWorld) {
    this.engine = engine
    this.#world = world
  }

  /** One process has called it so often within a minute that no invariant needs more to be broken. */
  isBusy = false

  /** What is stored now, for everybody who is not in a fork. */
  get value(): string | undefined {
    return this.#stored?.value
  }

  /** What one process would read now. */
  readBy(process: SimulatedProcess): string | undefined {
    return this.#read(process)?.value
  }

  /** What is stored now, on the side of a fork where this process is, also where it would read something older. */
  valueFor(process: SimulatedProcess): string | undefined {
    return this.#seenBy(process)?.value
  }

  loseAll(): void {
    this.#incident('loses all', undefined)
  }

  goBack(steps: number): void {
    const older = this.#past.at(-1 - steps)
    if (this.#past.length > steps) this.#incident('goes back', older)
  }

  /** The engine ends, and comes up again; what had not reached its disk, or its replica, is gone. */
  crash(): void {
    const { scheduler, dice } = this.#world
    this.#downUntil = scheduler.time + dice.between(10, 10_000)
    const lost = scheduler.time - dice.next() * this.engine.losesAtCrash
    const kept = this.timeline.findLast(({ at }) => at <= lost)
    const last = this.timeline.at(-1)
    if (this.engine.losesAtCrash > 0 && last !== undefined && last !== kept) this.#incident('crashes', kept?.stored)
  }

  damage(): void {
    if (this.#stored !== undefined) this.#incident('damaged', { value: damaged, version: this.#newVersion() })
  }

  touch(): void {
    if (this.#stored !== undefined) this.#incident('touched', { ...this.#stored, version: this.#newVersion() })
  }

  /** Something that is none of the processes stores a value. */
  overwrite(value: string): void {
    this.#put({ value, version: this.#newVersion() }, undefined)
  }

  /** A newer release writes the record in a layout of its own. */
  takeOver(): void {
    if (viewOf(this.value)?.isNewer === false) this.#rewrite(newestKnown + 1)
  }

  /** The newer release is taken back, and leaves the record as others can read it. */
  handBack(): void {
    if (viewOf(this.value)?.isNewer === true) this.#rewrite(newestKnown)
  }

  #rewrite(schema: number): void {
    const record = Object(parse(this.value ?? 'null'))
    const writeId = this.#world.dice.hex(32)
    this.overwrite(JSON.stringify({ ...record, schema, revision: Number(record.revision) + 1, writeId }))
  }

  loseKeys(): void {
    this.#keys = new Map()
  }

  /** From now on some processes see and change a copy of their own. */
  fork(members: readonly SimulatedProcess[]): void {
    this.#fork ??= { stored: this.#stored, members: new Set(members) }
  }

  /** One side of the fork counts, the other one's saves are gone. */
  join(forkWins: boolean): void {
    const fork = this.#fork
    if (fork === undefined) return
    this.#fork = undefined
    this.#incident('fork ends', forkWins ? fork.stored : this.#stored)
  }

  /** Takes a dead process off the queue; if it was the holder, the next one is admitted. */
  buried(process: SimulatedProcess): void {
    this.#queue = this.#queue.filter((it) => it.process !== process)
    if (this.#holder === process) this.#release(process)
  }

  /** The store as one process has it. */
  for(process: SimulatedProcess): RegistrationStore {
    const { hasChanged, hasExclusive, hasKeys } = this.engine
    return {
      load: (_key, signal) => this.#load(process, signal),
      save: (_key, value, expected, signal) => this.#save(process, value, expected, signal),
      ...(hasChanged && { changed: (_key, version, signal) => this.#changed(process, version, signal) }),
      ...(hasExclusive && { exclusive: (_key, task, signal) => this.#exclusive(process, task, signal) }),
      ...(hasKeys && {
        keys: {
          load: (name) => this.#later(process, () => this.#keys.get(name)),
          save: (name, pair) => this.#later(process, () => void this.#keys.set(name, pair)),
        },
      }),
    }
  }

  async #load(process: SimulatedProcess, signal: AbortSignal | undefined): Promise<StoredValue | undefined> {
    const operation = this.#begin(process, 'load', undefined)
    if (this.#world.strikes('store hangs')) return never(signal)
    await this.#after(undefined, this.#latency())
    const found = this.#world.strikes('store shows old values') ? this.#older() : this.#read(process)
    this.#remember(process, found)
    const failure = this.#failure()
    await this.#after(process, this.#latency())
    if (failure !== undefined) throw this.#failed(operation, failure)
    operation.value = found?.value
    if (found?.value === damaged && this.engine.checksValues) {
      operation.acknowledgedAt = this.#world.scheduler.time
      throw this.#world.corrupt(found.version)
    }
    operation.acknowledgedAt = this.#world.scheduler.time
    return found && { ...found }
  }

  async #save(
    process: SimulatedProcess,
    value: string,
    expected: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | false> {
    const operation = this.#begin(process, 'save', value)
    const strikes = this.#strikes
    if (strikes('store hangs')) return never(signal)
    await this.#after(undefined, this.#latency())
    const failure = strikes('store can not be written') ? new Error('no space left') : this.#failure()
    const apply = (): string | false => {
      const current = this.#seenBy(process)
      if (current?.version !== expected) return false
      const version = this.#newVersion()
      operation.before = current?.value
      operation.appliedAt = this.#world.scheduler.time
      this.#put({ value, version }, process, operation)
      this.#cached.delete(process)
      return version
    }
    if (failure === undefined && strikes('store applies what it said had failed')) {
      this.#world.scheduler.plan(
        this.#world.scheduler.time + this.#world.dice.between(1, 3000),
        undefined,
        () => void apply(),
      )
      await this.#after(process, this.#latency())
      throw this.#failed(operation, new Error('the connection broke before an answer'))
    }
    const version = failure === undefined ? apply() : false
    const loses = version !== false && strikes('store loses an acknowledgement')
    const denies = version !== false && strikes('store says false to its own save')
    await this.#after(
      process,
      this.#latency() + (strikes('store acknowledges late') ? this.#world.dice.between(100, 20_000) : 0),
    )
    if (failure !== undefined) throw this.#failed(operation, failure)
    if (loses) throw this.#failed(operation, new Error('the connection broke before an answer'))
    if (denies || version === false) {
      operation.failed = 'false'
      return false
    }
    operation.acknowledgedAt = this.#world.scheduler.time
    return version
  }

  async #changed(process: SimulatedProcess, version: string, signal: AbortSignal): Promise<void> {
    const strikes = this.#strikes
    if (strikes('changed never comes')) return never(signal)
    if (strikes('changed fails'))
      return this.#after(process, this.#latency()).then(() => Promise.reject(new Error('the connection broke')))
    if (strikes('changed floods')) return this.#after(process, 0)
    if (strikes('changed lies')) return this.#after(process, this.#world.dice.between(1, 10_000))
    if (this.#seenBy(process)?.version !== version) return this.#after(process, this.#latency())
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { version, process, isFork: this.#isForked(process), wake: resolve }
      this.#waiters.push(waiter)
      signal.addEventListener('abort', () => {
        this.#waiters = this.#waiters.filter((it) => it !== waiter)
        reject(signal.reason)
      })
    })
  }

  async #exclusive<T>(process: SimulatedProcess, task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#world.strikes('exclusive admits none')) return never(signal)
    if (this.#world.strikes('exclusive admits two')) {
      await this.#after(process, this.#latency())
      return task()
    }
    await new Promise<void>((resolve, reject) => {
      const waiting = { process, left: false, enter: () => void this.#after(process, this.#latency()).then(resolve) }
      signal?.addEventListener('abort', () => {
        waiting.left = true
        reject(signal.reason)
      })
      this.#queue.push(waiting)
      this.#admit()
    })
    try {
      return await task()
    } finally {
      this.#release(process)
    }
  }

  #admit(): void {
    if (this.#holder !== undefined) return
    this.#queue = this.#queue.filter((it) => !it.left)
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#holder = next.process
    next.enter()
  }

  #release(process: SimulatedProcess): void {
    if (this.#holder === process) this.#holder = undefined
    this.#admit()
  }

  #begin(process: SimulatedProcess, operation: 'load' | 'save', value: string | undefined): StoreOperation {
    const begun: StoreOperation = {
      number: this.operations.length,
      process,
      operation,
      askedAt: this.#world.scheduler.time,
      value,
      appliedAt: undefined,
      acknowledgedAt: undefined,
      failed: undefined,
      before: undefined,
    }
    this.operations.push(begun)
    const times = this.#recent.get(process) ?? []
    this.#recent.set(process, times)
    times.push(begun.askedAt)
    const [first = -Infinity] = times.length > 250 ? times.splice(0, 1) : []
    this.isBusy ||= begun.askedAt - first < 60_000
    return begun
  }

  /** What a process reads: where the engine caches, what it has read a moment ago. */
  #read(process: SimulatedProcess): StoredValue | undefined {
    const cached = this.#cached.get(process)
    return cached !== undefined && cached.until > this.#world.scheduler.time ? cached.stored : this.#seenBy(process)
  }

  #remember(process: SimulatedProcess, stored: StoredValue | undefined): void {
    const { time } = this.#world.scheduler
    const { cachesFor } = this.engine
    if (cachesFor > 0 && !((this.#cached.get(process)?.until ?? 0) > time))
      this.#cached.set(process, { stored, until: time + cachesFor })
  }

  #failure(): Error | undefined {
    if (this.#world.scheduler.time < this.#downUntil) return new Error('the store is down')
    if (this.#world.strikes('store denies')) return this.#world.denied()
    return this.#world.strikes('store fails') ? new Error('the store is down') : undefined
  }

  #failed(operation: StoreOperation, failure: Error): Error {
    operation.failed = failure.message
    return failure
  }

  #latency(): number {
    const slow = this.#world.strikes('store is slow') ? this.#world.dice.between(100, 5000) : 0
    return this.#world.dice.next() * this.engine.latency + slow
  }

  /** Milliseconds by which a notice is late: one that was lost with its connection is made good by a slow look. */
  #noticeLate(): number {
    const { dice } = this.#world
    const { losesNotices, looksEvery } = this.engine
    return losesNotices > 0 && dice.chance(losesNotices) ? dice.between(0, looksEvery) : 0
  }

  /** Resolves later, in a process or, where the engine works, in none. */
  #after(process: SimulatedProcess | undefined, ms: number): Promise<void> {
    const { scheduler } = this.#world
    return new Promise((resolve) => void scheduler.plan(scheduler.time + ms, process, resolve))
  }

  async #later<T>(process: SimulatedProcess, work: () => T): Promise<T> {
    await this.#after(process, this.#latency())
    return work()
  }

  #isForked(process: SimulatedProcess): boolean {
    return this.#fork?.members.has(process) === true
  }

  #seenBy(process: SimulatedProcess): StoredValue | undefined {
    return this.#fork?.members.has(process) === true ? this.#fork.stored : this.#stored
  }

  #older(): StoredValue | undefined {
    return this.#past.length === 0
      ? this.#stored
      : this.#past[this.#past.length - 1 - this.#world.dice.below(Math.min(3, this.#past.length))]
  }

  #newVersion(): string {
    return this.engine.countsVersions ? String(++this.#counted) : this.#world.dice.hex(12)
  }

  #put(
    stored: StoredValue | undefined,
    by: SimulatedProcess | undefined,
    operation?: StoreOperation,
    incident?: StoreIncident,
  ): void {
    if (by !== undefined && this.#isForked(by) && this.#fork) this.#fork.stored = stored
    else {
      this.#past.push(this.#stored)
      this.#stored = stored
      this.timeline.push({ at: this.#world.scheduler.time, value: stored?.value, stored, operation, incident })
      this.#world.changed()
    }
    const isFork = by !== undefined && this.#isForked(by)
    const woken = this.#waiters.filter((it) => it.isFork === isFork && it.version !== stored?.version)
    this.#waiters = this.#waiters.filter((it) => !woken.includes(it))
    const { scheduler } = this.#world
    for (const { process, wake } of woken)
      scheduler.plan(scheduler.time + this.#latency() + this.#noticeLate(), process, wake)
  }

  #incident(what: StoreIncident['what'], stored: StoredValue | undefined): void {
    const before = this.#stored?.value
    const incident = { at: this.#world.scheduler.time, what, before, after: stored?.value }
    this.incidents.push(incident)
    this.#put(stored && { ...stored }, undefined, undefined, incident)
  }
}

/** What is left of a damaged value. */
const damaged = '{"half'

/** A call that is never answered; it rejects when the caller leaves. */
const never = <T>(signal: AbortSignal | undefined): Promise<T> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
