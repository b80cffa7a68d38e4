import fc from 'fast-check'

import type { ServerFault, StoreFault } from './faults.ts'
import type { Call, Happening } from './happening.ts'
import { laws } from './laws.ts'
import type { Past } from './past.ts'
import type { Declares } from './program.ts'
import type { World } from './world.ts'

type Command = fc.AsyncCommand<Past, World>

/** A command by its name and what it does; `tally` counts what has run. */
function command(tally: Map<string, number>, kind: string, text: string, run: Command['run']): Command {
  return {
    check: () => true,
    run: async (past, world) => {
      tally.set(kind, (tally.get(kind) ?? 0) + 1)
      await run(past, world)
    },
    toString: () => text,
  }
}

/** Makes the calls, holds what came of them against every law, and adds it to the past. */
async function happen(past: Past, world: World, ...[calls, ...how]: Parameters<World['happen']>): Promise<void> {
  const happening = await world.happen(calls, ...how)
  past.hear(happening)
  for (const [law, holds] of Object.entries(laws)) if (!holds(happening, past)) throw broken(law, happening)
  past.add(happening)
}

/** What can be said of a happening without a secret. */
function broken(law: string, { calls, before, after, posts, deletes, requests }: Happening): Error {
  const said = calls.map(({ who, verb, how, error }) => `${verb} by ${who} ${how}: ${error?.stack ?? ''}`)
  const states = [before, after].map(({ state, client_id, manageable, generation, orphans, waiting, intent }) =>
    JSON.stringify({ state, client_id, manageable, generation, orphans, waiting, intent: intent?.operation }),
  )
  const told = calls.flatMap((call) => call.told.map(({ type }) => type))
  return new Error([law, ...said, ...states, JSON.stringify({ posts, deletes, requests, told })].join('\n'))
}

const who = fc.nat(2)
const verbs = fc.oneof(
  { weight: 12, arbitrary: fc.constant('ensure' as const) },
  { weight: 4, arbitrary: fc.constantFrom('report' as const, 'sweep' as const, 'rotate' as const, 'read' as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('status' as const, 'delete' as const, 'forget' as const, 'recover' as const),
  },
)

const declares: fc.Arbitrary<Declares> = fc.record({
  client_name: fc.constantFrom('one', 'two'),
  generation: fc.constantFrom(undefined, undefined, 1, 2),
})

const statuses = {
  register: [400, 403, 429, 500, 503],
  read: [403, 404, 500, 503],
  update: [400, 404, 405, 429, 500, 503],
  delete: [403, 500, 503],
  token: [400, 429, 500, 503],
} as const
const serverFault: fc.Arbitrary<ServerFault> = fc
  .constantFrom('register', 'register', 'update', 'update', 'read', 'delete', 'token')
  .chain((endpoint) =>
    fc.record({
      endpoint: fc.constant(endpoint),
      fault: fc.constantFrom<ServerFault['fault'][]>('before', 'after', 'middle', ...statuses[endpoint]),
      acts: fc.boolean(),
    }),
  )

const storeFault: fc.Arbitrary<StoreFault> = fc.oneof(
  fc.record({ verb: fc.constant('load'), moment: fc.constant('before'), times: fc.constantFrom(1, 2) }),
  fc.record({ verb: fc.constant('save'), moment: fc.constantFrom('before', 'after'), times: fc.constantFrom(1, 2, 5) }),
)

const minutes = fc.constantFrom(1, 2, 11, 61)

/** Everything that programs do and that happens to them. */
export function commands(tally: Map<string, number>): fc.Arbitrary<Iterable<Command>> {
  const call = fc
    .record({ who, verb: verbs })
    .map((it) => command(tally, it.verb, `${it.verb} by ${it.who}`, (past, world) => happen(past, world, [it])))
  const together = fc
    .record({
      who: fc.shuffledSubarray([0, 1, 2], { minLength: 2 }),
      verbs: fc.array(verbs, { minLength: 3, maxLength: 3 }),
      pauses: fc.array(fc.constantFrom(0, 1, 3, 20, 60), { maxLength: 12 }),
      impatience: fc.constantFrom(0, 0, 1, 2),
    })
    .map((it) => {
      const calls = it.who.map((each, index): Call => ({ who: each, verb: it.verbs[index] ?? 'ensure' }))
      const text = `at once, leases lost ${it.impatience}, waiting ${it.pauses.join()}: ${calls.map((each) => `${each.verb} by ${each.who}`).join(', ')}`
      return command(tally, 'together', text, (past, world) => happen(past, world, calls, it.pauses, it.impatience))
    })
  const restart = fc.record({ who, declares }).map((it) =>
    command(tally, 'restart', `restart of ${it.who} as ${JSON.stringify(it.declares)}`, async (_, world) => {
      world.restart(it.who, it.declares)
    }),
  )
  const doom = fc.record({ who, save: fc.nat(3), moment: fc.constantFrom('before', 'after') }).map((it) =>
    command(tally, 'death', `${it.who} is to die ${it.moment} save ${it.save}`, async (_, world) => {
      world.doom(it.who, it.save, it.moment)
    }),
  )
  const serverFails = fc.record({ it: serverFault, times: fc.constantFrom(1, 1, 1, 4) }).map(({ it, times }) =>
    command(tally, 'server fault', `the server fails ${times} times: ${JSON.stringify(it)}`, async (_, world) => {
      for (let time = 0; time < times; time++) world.serverFaults.waiting.push({ ...it })
    }),
  )
  const storeFails = storeFault.map((it) =>
    command(tally, 'store fault', `the store fails: ${JSON.stringify(it)}`, async (_, world) => {
      world.storeFaults.waiting.push({ ...it })
    }),
  )
  const forgets = fc.constant(
    command(tally, 'server forgets', 'the server forgets', async (past, world) => {
      for (const client of world.server.clientIds()) {
        past.forgotten.add(client)
        world.server.forget(client)
      }
    }),
  )
  const passes = minutes.map((it) =>
    command(tally, 'time passes', `${it} minutes pass`, async (past, world) => {
      past.disturb()
      world.pass(it * 60_000)
    }),
  )
  const all = [
    call,
    call,
    call,
    call,
    together,
    restart,
    restart,
    doom,
    serverFails,
    serverFails,
    storeFails,
    forgets,
    passes,
  ]
  return fc.commands(all, { maxCommands: 30, size: 'max' })
}
