import { run } from '../../endurance/herd.ts'
import type { Program } from '../../starters/start.ts'
import type { Subject } from '../subject.ts'
import type { Sample } from '../turns.ts'

async function measure(program: Program, processes: number): Promise<Sample> {
  const { figures, slowestMs, cpuMs } = await run(program, { processes, wave: 200 })
  const { agree, discoveries, tokens, registrations } = figures
  if (agree !== processes) throw new Error(`${program}: ${JSON.stringify(figures)}`)
  return { requests: discoveries + tokens + registrations, wall: slowestMs, cpu: cpuMs }
}

/** So many processes with one folder between them, that start at once; the requests are those of all of them. */
export const startersSubject = (processes: number): Subject => ({
  name: `starters-${processes}`,
  title: `${processes.toLocaleString('en')} starters${processes > 200 ? ' in waves of 200' : ''}`,
  about:
    'Processes that share a folder and start at once, at a real server that wants a token, beside a starter that compares and swaps in the same folder and knows nothing else: until the last has its client.',
  // Many processes on few cores take long; what is judged is how many requests there are, and that is the same each time.
  rounds: processes > 10 ? 1 : 11,
  figures: { requests: 'requests', wall: 'ms until the last', cpu: 'ms of processor time each' },
  base: 'plain compare-and-swap',
  goal: { way: '`manager.ensure()`', figure: 'requests', most: 3 },
  async open() {
    return {
      ways: {
        'plain compare-and-swap': () => measure('control', processes),
        '`manager.ensure()`': () => measure('manager', processes),
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
