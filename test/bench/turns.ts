/** The figures of one measurement by their names. */
export type Sample = Readonly<Record<string, number>>

/** What is compared, by name: each gives one sample when it is asked. */
export type Ways = Readonly<Record<string, () => Sample | Promise<Sample>>>

/** The samples of each way by its name, in the order of the rounds. */
export type Taken = ReadonlyMap<string, readonly Sample[]>

/** The middle of some numbers, and the quarters on both sides of it. */
export interface Spread {
  median: number
  low: number
  high: number
}

/** Asks each way in turn (A B C A B C ...), so that what else the machine does meets all of them; a first round only warms. */
export async function inTurns(ways: Ways, rounds: number): Promise<Taken> {
  const taken = new Map<string, Sample[]>(Object.keys(ways).map((name) => [name, []]))
  // A way that is asked once is not changed by warming.
  const warming = rounds > 1 ? 1 : 0
  for (let round = 0; round < warming + rounds; round++)
    for (const [name, sample] of Object.entries(ways)) {
      const figures = await sample()
      if (round >= warming) taken.get(name)?.push(figures)
    }
  return taken
}

export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/** One figure of a way over that of another, round by round. */
export function ratioOf(samples: readonly Sample[], base: readonly Sample[], figure: string): Spread {
  return spreadOf(samples.map((sample, round) => (sample[figure] ?? NaN) / (base[round]?.[figure] ?? NaN)))
}
