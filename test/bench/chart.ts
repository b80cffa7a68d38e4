import type { Result } from './results.ts'
import { short } from './tables.ts'

const wide = 760
const left = 230
const bar = 18
const gap = 6

/** The subjects whose ratios a chart shows; a shorter bar is better. */
const shown = ['import', 'first-registration', 'registration-1', 'registration-32', 'start']

/** Bars for each way of each subject, in relation to its base; the quarters are a thin line. */
export function chartOf(results: readonly Result[]): string {
  const drawn = results.filter(({ name }) => shown.includes(name))
  const most = Math.max(...drawn.flatMap(({ rows }) => rows.map(({ ratio }) => ratio.high)))
  const scale = (wide - left - 60) / most
  const parts: string[] = []
  let y = 24
  for (const { title, base, rows } of drawn) {
    parts.push(`<text class="title" x="12" y="${y}">${escaped(`${title}, × ${base}`)}</text>`)
    y += 10
    for (const { way, ratio } of rows) {
      const x = (value: number): string => (left + value * scale).toFixed(1)
      const [middle, end] = [y + bar / 2, y + bar - 5]
      const kind = isOurs(way) ? 'ours' : 'theirs'
      parts.push(
        `<text x="${left - 8}" y="${end}" text-anchor="end">${escaped(way.replaceAll('`', ''))}</text>`,
        `<rect class="${kind}" x="${left}" y="${y}" width="${(ratio.median * scale).toFixed(1)}" height="${bar}"/>`,
        `<line x1="${x(ratio.low)}" x2="${x(ratio.high)}" y1="${middle}" y2="${middle}"/>`,
        `<text x="${(left + ratio.high * scale + 8).toFixed(1)}" y="${end}">${short(ratio.median)}</text>`,
      )
      y += bar + gap
    }
    y += 24
  }
  const label = 'Processor time of each library in relation to what it is compared with'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${y}" role="img" aria-label="${label}">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.ours { fill: #0a7f5a }
.theirs { fill: #8c959f }
line { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } line { stroke: #d1d7e0 } }
</style>
${parts.join('\n')}
</svg>
`
}

const isOurs = (way: string): boolean => way.startsWith('@registrant/') || way.startsWith('`')

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
