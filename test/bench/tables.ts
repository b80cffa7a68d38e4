import type { Result, Row } from './results.ts'
import type { Spread } from './turns.ts'

/** A number with three digits that count, and no more. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  return size >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en')
    : value.toFixed(size >= 10 ? 1 : 2)
}

/** A median, with the quarters around it where they differ. */
const spread = ({ median, low, high }: Spread): string =>
  short(low) === short(high) ? short(median) : `${short(median)} (${short(low)} to ${short(high)})`

function cellsOf({ units, base }: Result, { way, figures, ratio }: Row): string[] {
  const shown = Object.keys(units).map((figure) => spread(figures[figure] ?? { median: NaN, low: NaN, high: NaN }))
  return [way, way === base ? '1' : spread(ratio), ...shown]
}

/** The rows of a table, its head first. */
function rowsOf(result: Result): string[][] {
  const { base, units, rows } = result
  return [['Way', `× ${base}`, ...Object.values(units)], ...rows.map((row) => cellsOf(result, row))]
}

function goalOf({ goal, units }: Result): string {
  if (goal === undefined) return ''
  const { way, figure, most, reached } = goal
  const unit = figure === undefined ? 'times' : (units[figure] ?? '')
  const verdict = reached <= most ? 'reached' : 'missed'
  return `Goal: ${way} at most ${most} ${unit}; ${verdict}, with ${short(reached)}.`
}

/** A result as text for a terminal. */
export function textOf(result: Result): string {
  const rows = rowsOf(result)
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const goal = goalOf(result)
  return [`${result.title} (${result.rounds} rounds)`, ...lines, ...(goal === '' ? [] : [goal])].join('\n')
}

/** A result as a section of a page, with its table. */
export function sectionOf(result: Result): string {
  const { title, about, rounds } = result
  const [head = [], ...rows] = rowsOf(result)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const goal = goalOf(result)
  return [
    `### ${title}`,
    '',
    `${about} ${rounds === 1 ? 'One round.' : `Medians of ${rounds} rounds, with the quarters around them.`}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    ...(goal === '' ? [] : ['', goal]),
  ].join('\n')
}
