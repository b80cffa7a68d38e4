/** Each byte as two hexadecimal digits. */
const hexes: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Chance that follows from a seed alone; every throw is counted, since a schedule is as large as what it drew. */
export class Dice {
  #state: number
  readonly #counted: { throws: number }

  constructor(seed: number, counted: { throws: number } = { throws: 0 }) {
    this.#state = seed >>> 0
    this.#counted = counted
    for (let warm = 0; warm < 3; warm++) this.#next()
  }

  /** How often anything was drawn, here and from dice that were made of these. */
  get throws(): number {
    return this.#counted.throws
  }

  /** Separate dice for something with a name: what these draw shifts no throws of other dice. */
  fork(name: string): Dice {
    let hash = this.#state ^ 0x9e3779b9
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
    return new Dice(hash, this.#counted)
  }

  /** From 0 up to 1. */
  next(): number {
    this.#counted.throws++
    return this.#next()
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  /** A whole number from 0 up to `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from)
  }

  pick<T>(from: readonly T[]): T {
    const at = this.below(from.length)
    if (!(at in from)) throw new Error('There is nothing to pick from')
    // The list has something at this place, as was checked.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return from[at] as T
  }

  /** Text that looks like an identifier. */
  hex(length: number): string {
    let text = ''
    while (text.length < length) {
      const drawn = Math.floor(this.next() * 0x100000000)
      text += `${hexes[drawn >>> 24]}${hexes[(drawn >>> 16) & 255]}${hexes[(drawn >>> 8) & 255]}${hexes[drawn & 255]}`
    }
    return text.slice(0, length)
  }

  /** splitmix32: small, fast, and the same everywhere. */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = this.#state ^ (this.#state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x100000000
  }
}
