#!/usr/bin/env node
// What `npm run test:endurance` runs: what takes too long for every change, with the full numbers. Arguments choose
// parts by name: `npm run test:endurance -- torture cold-load`. A line per part, then one per figure that missed its
// bound, and then the exit code is 1.
import '../build/build.mjs'

const { parts } = await import('../../../test/endurance/parts.ts')

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => parts.every((part) => part.name !== name))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. There are: ${parts.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

for (const part of parts)
  if (chosen.length === 0 || chosen.includes(part.name)) for (const line of await linesOf(part)) console.log(line)
process.exit()

/** Runs a part and says what came of it. */
async function linesOf({ name, run, bounds }) {
  const started = performance.now()
  const time = () => `(${((performance.now() - started) / 1000).toFixed(1)} s)`
  try {
    const figures = await run()
    const missed = Object.entries(bounds).filter(([figure, bound]) => !holds(figures[figure], bound))
    if (missed.length > 0) process.exitCode = 1
    const shown = Object.entries(figures).map(
      ([figure, value]) => `${figure} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
    return [
      `${missed.length === 0 ? '✓' : '✗'} ${name}: ${shown.join(', ')} ${time()}`,
      ...missed.map(([figure, bound]) => `  ${figure} is ${figures[figure]}, and must be ${said(bound)}`),
    ]
  } catch (error) {
    process.exitCode = 1
    return [`✗ ${name} ${time()}`, `  ${error.stack}`, ...(error.cause ? [`  because of ${error.cause.stack}`] : [])]
  }
}

function holds(value, bound) {
  if (typeof value !== 'number') return false
  if (typeof bound === 'number') return value === bound
  return value >= (bound.atLeast ?? -Infinity) && value <= (bound.atMost ?? Infinity)
}

function said(bound) {
  if (typeof bound === 'number') return bound
  return bound.atLeast === undefined ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`
}
