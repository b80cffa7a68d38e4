import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { StoreTortureResult } from './store-torture.ts'
import type { WriterReport, WriterSettings } from './torture-writer.ts'

/** A process that writes. */
interface Writer {
  name: string
  child: ChildProcess
  ended: Promise<void>
  resume?: ReturnType<typeof setTimeout> | undefined
  expected: boolean
}

type Counts = Pick<
  StoreTortureResult,
  'acknowledged' | 'lost' | 'double' | 'refused' | 'late' | 'unknown' | 'unavailable'
>

/** The processes of one torture, and what they said. */
export class Writers {
  readonly #settings: Omit<WriterSettings, 'writer' | 'machine' | 'skew'>
  readonly #machines: number
  readonly #skew: number
  readonly #running = new Set<Writer>()
  /** How often each writer added one that must be in the last value. */
  readonly #added = new Map<string, number>()
  readonly #sums = new Set<number>()
  readonly #counts = { saved: 0, refused: 0, late: 0, unknown: 0, unavailable: 0 }
  #double = 0
  #started = 0
  #trouble: Error | undefined
  readonly #atExit = (): void => this.#each((child) => child.kill('SIGKILL'))

  constructor({ skew, machines, ...settings }: Omit<WriterSettings, 'writer' | 'machine'> & { machines: number }) {
    this.#settings = settings
    this.#machines = machines
    this.#skew = skew
    process.once('exit', this.#atExit)
  }

  get acknowledged(): number {
    return this.#counts.saved
  }

  /** Throws what went wrong in a process meanwhile. */
  check(): void {
    if (this.#trouble) throw this.#trouble
  }

  start(): void {
    const index = this.#started++
    // Every second clock is right; of the others every second one is ahead.
    const skew = [0, this.#skew, 0, -this.#skew][index % 4] ?? 0
    const machine = index % this.#machines
    const settings: WriterSettings = { ...this.#settings, writer: `w${index}`, machine, skew }
    const program = fileURLToPath(import.meta.resolve('#torture-writer'))
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
    const writer: Writer = { name: settings.writer, child, ended, expected: false }
    let said = ''
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk) => (said += chunk))
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(writer.name, JSON.parse(line)))
    child.once('error', (error) => (this.#trouble ??= error))
    child.once('close', (status) => {
      this.#running.delete(writer)
      if (!writer.expected || (status !== null && status !== 0))
        this.#trouble ??= new Error(`A process of the torture ended by itself: ${said}`)
    })
    this.#running.add(writer)
  }

  /** Stops a process in whatever it does, unless half of them are stopped already. */
  pauseOne(ms: number): boolean {
    const going = [...this.#running].filter(({ resume }) => resume === undefined)
    const writer = going[randomInt(Math.max(1, going.length))]
    if (writer === undefined || going.length * 2 <= this.#running.size) return false
    writer.child.kill('SIGSTOP')
    writer.resume = setTimeout(() => {
      writer.resume = undefined
      writer.child.kill('SIGCONT')
    }, ms)
    return true
  }

  /** Kills a process in whatever it does. */
  killOne(): void {
    const writer = [...this.#running][randomInt(this.#running.size)]
    if (writer === undefined) return
    writer.expected = true
    writer.child.kill('SIGKILL')
  }

  /** Lets every process finish what it does. */
  async end(): Promise<void> {
    const ending = [...this.#running]
    for (const writer of ending) {
      writer.expected = true
      clearTimeout(writer.resume)
      writer.child.kill('SIGCONT')
      writer.child.stdin?.end()
    }
    await Promise.all(ending.map(({ ended }) => ended))
  }

  /** Kills the processes that are left. */
  async kill(): Promise<void> {
    process.removeListener('exit', this.#atExit)
    const ending = [...this.#running]
    for (const writer of ending) {
      writer.expected = true
      clearTimeout(writer.resume)
      writer.child.kill('SIGKILL')
    }
    await Promise.all(ending.map(({ ended }) => ended))
  }

  /** The counts of the torture; `by` is what each writer added, as the last value says. */
  judge(by: Record<string, number>): Counts {
    const missing = [...this.#added].map(([writer, added]) => Math.max(0, added - (by[writer] ?? 0)))
    const { saved, ...others } = this.#counts
    return { acknowledged: saved, lost: missing.reduce((sum, part) => sum + part, 0), double: this.#double, ...others }
  }

  #hear(writer: string, { what, count }: WriterReport): void {
    this.#counts[what]++
    if (what === 'saved' || what === 'late') this.#added.set(writer, (this.#added.get(writer) ?? 0) + 1)
    if (what !== 'saved') return
    if (this.#sums.has(count)) this.#double++
    this.#sums.add(count)
  }

  #each(act: (child: ChildProcess) => void): void {
    for (const { child } of this.#running) act(child)
  }
}
