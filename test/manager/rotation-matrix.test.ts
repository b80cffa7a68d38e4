import type { RegistrationResponse } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { Life } from '../support/life.ts'
import type { Moment } from '../support/life.ts'
import { metadata, OpenStore, start } from './managed.ts'
import type { Managed } from './managed.ts'

const rotations = ['never', 'update', 'read', 'both'] as const

const faults: Record<string, Answer | undefined> = {
  'the answer arrives': undefined,
  'the request is lost': { lost: 'before' },
  'the answer is lost': { lost: 'after' },
  'the answer breaks off': { lost: 'middle' },
}

const deaths: Record<string, Moment | undefined> = {
  'and it lives': undefined,
  'and it dies before it saves': 'before',
  'and it dies when it has saved': 'after',
}

/**
 * Whether the client can still be managed afterwards, where the server replaces the management token at ...
 * An update without an answer is followed by a look in the same call, so the first save may be that of the look. `late`: the
 * server had said that it acted, so nothing is asked for any more, and that the token is lost is found out by the next request.
 */
const afterAnUpdate = `
                                                       never  update  read  both
  the answer arrives     and it lives                  yes    yes     yes   yes
  the answer arrives     and it dies before it saves   yes    no      yes   no
  the answer arrives     and it dies when it has saved yes    yes     yes   yes
  the request is lost    and it lives                  yes    yes     yes   yes
  the request is lost    and it dies before it saves   yes    yes     no    no
  the request is lost    and it dies when it has saved yes    yes     yes   yes
  the answer is lost     and it lives                  yes    no      yes   no
  the answer is lost     and it dies before it saves   yes    no      no    no
  the answer is lost     and it dies when it has saved yes    no      yes   no
  the answer breaks off  and it lives                  yes    late    yes   late
  the answer breaks off  and it dies before it saves   yes    no      no    no
  the answer breaks off  and it dies when it has saved yes    late    yes   late`

/** The same of the look that finds out what became of an update whose request was lost. */
const afterALook = `
                                                       never  update  read  both
  the answer arrives     and it lives                  yes    yes     yes   yes
  the answer arrives     and it dies before it saves   yes    yes     no    no
  the answer arrives     and it dies when it has saved yes    yes     yes   yes
  the request is lost    and it lives                  yes    yes     yes   yes
  the request is lost    and it dies before it saves   yes    yes     yes   yes
  the request is lost    and it dies when it has saved yes    yes     yes   yes
  the answer is lost     and it lives                  yes    yes     no    no
  the answer is lost     and it dies before it saves   yes    yes     no    no
  the answer is lost     and it dies when it has saved yes    yes     no    no
  the answer breaks off  and it lives                  yes    yes     no    no
  the answer breaks off  and it dies before it saves   yes    yes     no    no
  the answer breaks off  and it dies when it has saved yes    yes     no    no`

const names = { yes: 'manageable', no: 'not manageable', late: 'not manageable, as the next request finds out' }

interface Cell {
  fault: string
  death: string
  rotate: (typeof rotations)[number]
  manageable: Manageable
}

type Manageable = 'yes' | 'no' | 'late'
const isManageable = (word: string | undefined): word is Manageable =>
  word === 'yes' || word === 'no' || word === 'late'

const cellsOf = (table: string): Cell[] =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [fault, death] = [faults, deaths].map((names) => Object.keys(names).find((name) => row.includes(name)))
      if (fault === undefined || death === undefined) throw new Error(`What is this row? ${row}`)
      const answers = row.trim().split(/\s+/).slice(-rotations.length)
      return rotations.map((rotate, column) => {
        const manageable = answers[column]
        if (!isManageable(manageable)) throw new Error(`What is this cell? ${row}`)
        return { fault, death, rotate, manageable }
      })
    })

let clock: Clock
beforeAll(() => {
  clock = takeClock()
})
afterAll(() => clock[Symbol.dispose]())

const lease = 6500
/** One denial of the management token is enough here. */
const forgetDelay = 0
const renamed = { ...metadata, client_name: 'orders 2' }

/** Starts with the changed declaration, and dies at the first save after the request has left, if it is to die. */
async function startRenamed(server: ScriptedServer, store: OpenStore, death?: Moment): Promise<Managed> {
  const life = new Life(store)
  life.atSave = (number, moment) => {
    if (number === 1 && moment === death) life.die()
  }
  const program = start(server, life.store, { metadata: renamed, fetch: life.fetch, lease, forgetDelay })
  const ended = Promise.race([life.died, program.manager.ensure()])
  // Nobody else is at work: whoever is waited for is dead, and its lease may run out at once.
  const hurrying = setInterval(() => clock.wait(lease), 5)
  await ended.finally(() => clearInterval(hurrying))
  expect(life.dead).toBe(death !== undefined)
  return program
}

/** A client that the management address has shown. */
async function startAndRead(server: ScriptedServer, store: OpenStore): Promise<RegistrationResponse> {
  const { manager } = start(server, store, { forgetDelay })
  await manager.ensure()
  return manager.read()
}

async function judge(server: ScriptedServer, store: OpenStore, first: RegistrationResponse, word: Manageable) {
  const manageable = word === 'yes'
  // What could not be reached is left alone for a while.
  clock.pass(60_000)
  const { manager } = await startRenamed(server, store)
  const before = server.requests.length
  const registration = await manager.ensure()
  expect(server.requests).toHaveLength(before)
  expect(registration.client_id).toBe(first.client_id)
  expect(server.clientIds()).toEqual([first.client_id])
  expect((await store.peek()).record['registration']).toEqual(registration)

  const { headers, form } = await manager.authentication()
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
  expect((await fetch(`${server.url}/token`, { method: 'POST', headers: headers ?? {}, body })).status).toBe(200)

  const held = server.registration(first.client_id)
  expect(held?.registration_access_token === registration.registration_access_token).toBe(manageable)
  expect(await manager.status()).toMatchObject({ state: 'registered', manageable: word !== 'no', orphans: [] })
  if (manageable) expect([held?.['client_name'], registration.client_name]).toEqual(['orders 2', 'orders 2'])
  // What is said is put to the test.
  const [deleted] = await Promise.allSettled([manager.delete()])
  expect(deleted.status).toBe(manageable ? 'fulfilled' : 'rejected')
  expect(server.clients()).toBe(manageable ? 0 : 1)
}

describe('a client that is used by everybody, whatever happens to its update', () => {
  for (const { rotate, fault, death, manageable } of cellsOf(afterAnUpdate)) {
    const name = `${fault} ${death}, tokens replaced at ${rotate}: ${names[manageable]}`
    test(name, async () => {
      await using server = await startScriptedServer({ update: [faults[fault]] }, { rotate })
      const store = new OpenStore()
      const first = await startAndRead(server, store)
      await startRenamed(server, store, deaths[death])
      expect(server.requestsTo('update').length).toBeGreaterThan(0)
      await judge(server, store, first, manageable)
    })
  }
})

describe('a client that is used by everybody, whatever happens to the look after its update', () => {
  for (const { rotate, fault, death, manageable } of cellsOf(afterALook)) {
    const name = `${fault} ${death}, tokens replaced at ${rotate}: ${names[manageable]}`
    test(name, async () => {
      const scripts = { update: [{ lost: 'before' as const }], read: [undefined, faults[fault]] }
      await using server = await startScriptedServer(scripts, { rotate })
      const store = new OpenStore()
      const first = await startAndRead(server, store)
      await startRenamed(server, store, deaths[death])
      expect(server.requestsTo('read')).toHaveLength(2)
      await judge(server, store, first, manageable)
    })
  }
})
