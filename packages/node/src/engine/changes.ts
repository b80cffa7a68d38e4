import { setTimeout as pause } from 'node:timers/promises'

import { whileWaited } from './failure.ts'

/** Called when the engine tells of a save of one key; without a key: some saves may have gone unheard. */
export type Heard = (key?: string, version?: string) => void

/** A session in which an engine tells of saves. */
export interface Session {
  close(): Promise<void>
}

/**
 * Opens a session in which the engine tells of saves; `undefined` where none can be had, as behind a transaction pooler.
 * `lost` is called when the session ends by itself; `signal` aborts when the session is not wanted any more.
 */
export type OpenSession = (heard: Heard, lost: () => void, signal: AbortSignal) => Promise<Session | undefined>

/** Milliseconds that a session is kept without a waiter: a caller that was woken loads the value, and waits again. */
const linger = 2000
/** Milliseconds between looks beside a session, which may have died unnoticed. */
const slowLook = 480_000
/** Milliseconds between looks without a session: the first pause, and the longest, which is the manager's own. */
const [firstLook, lastLook] = [100, 5000] as const
/** Milliseconds until a session is tried again: the first and the longest after failures, and where none can be had. */
const [firstTry, lastTry, noSession] = [500, 60_000, 600_000] as const

/** One caller of `changed`. */
class Waiter {
  readonly key: string
  readonly version: string
  #wake = (): void => undefined
  #woken = Promise.resolve()
  isOver = false

  constructor(key: string, version: string) {
    this.key = key
    this.version = version
    this.arm()
  }

  arm(): void {
    this.#woken = new Promise((resolve) => (this.#wake = resolve))
  }

  /** Makes the waiter look again, or leave where it is over. */
  wake(isOver: boolean): void {
    this.isOver ||= isOver
    this.#wake()
  }

  /** Sleeps for so many milliseconds, or until woken; `true`: the time passed. */
  async sleep(ms: number): Promise<boolean> {
    const over = new AbortController()
    const [woken, slept] = [this.#woken.then(() => false), pause(ms, true, { signal: over.signal })]
    try {
      return await Promise.race([woken, slept])
    } finally {
      slept.catch(() => undefined)
      over.abort()
    }
  }
}

/**
 * The callers that wait for changes of a store. The engine tells them of saves in one session, which is opened when a caller
 * waits and closed when none does. Where no session can be had, and while there is none, they look at the store.
 */
export class Changes {
  readonly #look: (key: string, signal: AbortSignal) => Promise<string | undefined>
  readonly #openSession: OpenSession
  readonly #waiters = new Set<Waiter>()
  #session: Session | undefined
  #opening: AbortController | undefined
  /** Counts the sessions, so that word of an older one is not taken for word of this one. */
  #life = 0
  #failures = 0
  #notBefore = -Infinity
  #lingering: ReturnType<typeof setTimeout> | undefined

  /** @param look the version of a key as it is stored now */
  constructor(look: (key: string, signal: AbortSignal) => Promise<string | undefined>, openSession: OpenSession) {
    this.#look = look
    this.#openSession = openSession
  }

  /** Resolves when another version is stored; what fails meanwhile is tried again until the signal aborts. */
  async changed(key: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const waiter = new Waiter(key, version)
    const leaving = new AbortController()
    this.#waiters.add(waiter)
    clearTimeout(this.#lingering)
    try {
      await whileWaited(this.#wait(waiter, leaving.signal), signal)
    } finally {
      leaving.abort()
      waiter.wake(true)
      this.#waiters.delete(waiter)
      if (this.#waiters.size === 0) this.#lingering = setTimeout(() => void this.#drop(), linger)
    }
  }

  /** Lets the waiting calls resolve, and closes the session; a later call opens another. */
  async close(): Promise<void> {
    clearTimeout(this.#lingering)
    this.#wakeAll(true)
    await this.#drop()
  }

  async #wait(waiter: Waiter, signal: AbortSignal): Promise<void> {
    let [failures, isUnheard]: [number, boolean] = [0, false]
    for (let looks = 0; !waiter.isOver; looks++) {
      waiter.arm()
      this.#open()
      const life = this.#session && this.#life
      let ms = this.#session ? slowLook : Math.min(firstLook * 1.5 ** looks, lastLook)
      try {
        if ((await this.#look(waiter.key, signal)) !== waiter.version) {
          if (isUnheard && !waiter.isOver) await this.#forget()
          return
        }
        failures = 0
      } catch {
        ms = Math.min(firstTry * 2 ** failures++, lastTry)
      }
      if (waiter.isOver) return
      const isTime = await waiter.sleep(ms * jitter())
      // If the next look finds a change, the session has had minutes to tell of it, and did not.
      isUnheard = isTime && ms === slowLook && life === this.#life
    }
  }

  #open(): void {
    if (this.#session || this.#opening || performance.now() < this.#notBefore) return
    const opening = (this.#opening = new AbortController())
    const life = ++this.#life
    let isLost = false
    const heard: Heard = (key, version) => {
      if (life === this.#life) this.#hear(key, version)
    }
    const lost = (): void => {
      isLost = true
      if (life === this.#life && this.#session) this.#lose()
    }
    const opened = (session: Session | undefined): void => {
      if (life !== this.#life) session?.close().catch(() => undefined)
      else if (isLost) this.#failed()
      else this.#opened(session)
    }
    const failed = (): void => {
      if (life === this.#life) this.#failed()
    }
    this.#openSession(heard, lost, opening.signal).then(opened, failed)
  }

  #opened(session: Session | undefined): void {
    this.#opening = undefined
    this.#session = session
    this.#failures = 0
    if (session === undefined) this.#notBefore = performance.now() + noSession
    // What was saved before the session was open was not heard.
    else this.#wakeAll(false)
  }

  #failed(): void {
    this.#opening = undefined
    this.#notBefore = performance.now() + Math.min(firstTry * 2 ** this.#failures++, lastTry) * jitter()
  }

  #lose(): void {
    this.#session = undefined
    this.#life++
    this.#notBefore = performance.now() + firstTry * jitter()
    this.#wakeAll(false)
  }

  /** The session is deaf: the waiters look at the store until another session is tried. */
  async #forget(): Promise<void> {
    this.#notBefore = performance.now() + noSession
    await this.#drop()
    this.#wakeAll(false)
  }

  async #drop(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#opening?.abort()
    this.#opening = undefined
    this.#life++
    await session?.close().catch(() => undefined)
  }

  #hear(key: string | undefined, version: string | undefined): void {
    for (const waiter of this.#waiters)
      if (key === undefined) waiter.wake(false)
      else if (waiter.key === key && waiter.version !== version) waiter.wake(true)
  }

  #wakeAll(isOver: boolean): void {
    for (const waiter of this.#waiters) waiter.wake(isOver)
  }
}

/** A factor between 0.5 and 1, since many replicas may have started together. */
const jitter = (): number => 0.5 + Math.random() / 2
