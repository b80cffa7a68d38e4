import { registrars } from '../registrars.mjs'
import { startServer } from '../start-server.ts'
import type { Opened, Subject } from '../subject.ts'
import type { Sample } from '../turns.ts'

const rounds = 21
/** How many registrations each way makes over all rounds. */
const registrations = 2000

/** One registration, with so many under way at once. */
export const registrationSubject = (concurrency: number, goal?: number): Subject => ({
  name: `registration-${concurrency}`,
  title: `One registration, ${concurrency} at once`,
  about: `The processor time of one of ${registrations.toLocaleString('en')} registrations, in one process that the server is not in; the answer has 1.5 kB.`,
  rounds,
  figures: { cpu: 'µs of processor time', wall: 'µs' },
  base: 'raw fetch',
  ...(goal !== undefined && { goal: { way: '@registrant/node', most: goal } }),
  async open(): Promise<Opened> {
    const server = await startServer()
    const ways: Record<string, () => Promise<Sample>> = {}
    for (const [name, load] of Object.entries(registrars)) {
      const register = await load(server.usual)
      for (let warm = 0; warm < 200; warm++) await register()
      ways[name] = () => measure(register, Math.ceil(registrations / rounds), concurrency)
    }
    return { ...server, ways }
  },
})

async function measure(register: () => Promise<unknown>, count: number, concurrency: number): Promise<Sample> {
  let left = count
  const work = async (): Promise<void> => {
    while (left-- > 0) await register()
  }
  const began = performance.now()
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: concurrency }, work))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / count, wall: (1000 * (performance.now() - began)) / count }
}
