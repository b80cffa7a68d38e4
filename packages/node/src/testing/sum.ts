/** What the writers of a torture save: a sum, and what each of them added to it. */
export interface Sum {
  count: number
  by: Record<string, number>
  /** Its length depends on the sum, so that a value that was cut off, or mixed from two, is noticed. */
  padding: string
}

/** The sum that a stored value says; absent is zero. Throws when no writer can have written it. */
export function sumOf(value: string | undefined): Sum {
  if (value === undefined) return { count: 0, by: {}, padding: '' }
  const sum: Sum = JSON.parse(value)
  const parts = Object.values(sum.by).reduce((total, part) => total + part, 0)
  if (sum.count !== parts || sum.padding !== paddingOf(sum.count))
    throw new Error(
      `The value that was loaded is none that was saved: it says ${sum.count}, and its parts are ${parts}`,
    )
  return sum
}

/** The sum with one added by this writer. */
export function addOne({ count, by }: Sum, writer: string): Sum {
  return { count: count + 1, by: { ...by, [writer]: (by[writer] ?? 0) + 1 }, padding: paddingOf(count + 1) }
}

const paddingOf = (count: number): string => 'x'.repeat((count * 37) % 3000)
