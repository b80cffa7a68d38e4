import '/work/manager/test/simulation/globals.ts'
import { bundle } from '/work/manager/test/simulation/bundle.ts'
import { drawPlan } from '/work/manager/test/simulation/plan.ts'
import { runWorld } from '/work/manager/test/simulation/world.ts'
import { broken } from '/work/manager/test/simulation/invariants.ts'
const simulated = await import(await bundle(undefined))
Error.stackTraceLimit = 0
let run = 0,
  inv = 0
const all: any[] = []
const c0 = process.cpuUsage()
for (let s = 1; s <= 250; s++) {
  const t = process.cpuUsage()
  const pl = drawPlan(s)
  const h: any = await runWorld(pl, simulated)
  broken(h)
  const d = process.cpuUsage(t)
  all.push([(d.user + d.system) / 1000, s, pl.lasts, h.calls.length])
}
const c = process.cpuUsage(c0)
console.log({ cpuPerSchedule: (c.user + c.system) / 250000, run: run / 250, inv: inv / 250 })
all.sort((a, b) => b[0] - a[0])
const sum = all.reduce((x, [d]) => x + d, 0)
console.log(
  'mean',
  sum / all.length,
  'median',
  all[125][0],
  'top 25 share',
  all.slice(0, 25).reduce((x, [d]) => x + d, 0) / sum,
)
console.log(
  all
    .slice(0, 12)
    .map(([d, s, l, c]) => `${d.toFixed(0)}ms seed ${s} lasts ${(l / 3600000).toFixed(1)}h calls ${c}`)
    .join('\n'),
)
