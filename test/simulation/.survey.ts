import { parseArgs } from 'node:util'
import '/work/manager/test/simulation/globals.ts'
import { runSeeds } from '/work/manager/test/simulation/run.ts'
const from = Number(process.argv[2] ?? 1),
  count = Number(process.argv[3] ?? 500)
function* range(a: number, n: number) {
  for (let i = 0; i < n; i++) yield a + i
}
const cat = new Map<string, number[]>()
const t0 = performance.now()
let n = 0
await runSeeds(range(from, count), {
  manager: undefined,
  onReport(r: any) {
    n++
    for (const [name, { what }] of Object.entries<any>(r.broken)) {
      const key =
        name +
        ' ' +
        what
          .replace(/client-\d+/g, 'C')
          .replace(/\bp\d+\b/g, 'P')
          .replace(/[\d.]+ (ms|s|min|h|d)\b/g, 'T')
      cat.set(key, [...(cat.get(key) ?? []), r.seed])
    }
    return true
  },
} as any)
for (const [k, seeds] of [...cat].sort((a, b) => b[1].length - a[1].length))
  console.log(seeds.length, k, seeds.slice(0, 5).join(','))
console.log(n, 'schedules', Math.round((n / (performance.now() - t0)) * 60000), 'a minute')
