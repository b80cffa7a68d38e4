// What is wrong in a world at rest, what excuses it, and what does not.
import { describe, expect, test } from 'vitest'

import { hour, minute } from './plan.ts'
import type { PlannedProcess } from './plan.ts'
import { epoch } from './process.ts'
import { problemIn } from './rest.ts'
import type { Problem } from './rest.ts'
import { isLeft } from './world.ts'
import { Written } from './written.ts'

/** A world in which one process, which declares `Orders 0`, uses a client that is registered so. */
class Rested extends Written {
  readonly planned: PlannedProcess = {
    ...(this.history.plan.processes[0] ?? expect.fail('there is no process')),
    declaration: 0,
  }
  readonly running = [{ process: this.process, planned: this.planned }]
  readonly registration: Record<string, unknown>
  now = hour

  constructor(record: object = {}, name = 'Orders 0') {
    super()
    this.registration = this.register(0)
    const { registration } = this
    for (const client of this.history.server.clients) client.metadata['client_name'] = name
    this.save(1, { registration: { ...registration, client_name: name }, ...record })
  }

  get problem(): Problem | undefined {
    const { plan, server, store, requests, calls: last } = this.history
    return problemIn({ plan, server, store, requests, running: this.running, last, now: this.now })
  }
}

const problem = (world: Rested, happens: (world: Rested) => void = () => undefined): Problem | undefined => {
  happens(world)
  return world.problem
}

describe('a world at rest', () => {
  test('has no problem where the client in use is declared and works', () => {
    expect(problem(new Rested())).toBeUndefined()
    expect(problem(new Rested({}, 'Orders 1'))).toMatchObject({ wrong: expect.stringContaining('is Orders 1') })
    const refused = problem(new Rested(), ({ history }) =>
      history.server.clients.forEach((it) => void (it.secrets = [])),
    )
    expect(refused).toEqual({ wrong: 'the secret in use is refused', excuse: undefined, goesOn: false })
    const forgotten = problem(new Rested(), ({ history: { server } }) =>
      server.clients.forEach((it) => server.forget(it, 5)),
    )
    expect(forgotten).toMatchObject({ wrong: 'the server does not know the client in use', excuse: undefined })
  })

  test('has none that a clock could tell where every clock is late, and the server says neither the time nor that it denies the secret', () => {
    const ended = (world: Rested, clockOff: number, error?: string): void => {
      const { behaviour } = world.history.server
      Object.assign(behaviour, { secretLife: hour / 2, tellsDate: false, deniesSecretWith: { status: 403, error } })
      const client_secret_expires_at = (epoch + hour / 2) / 1000
      world.save(2, { revision: 2, registration: { ...world.registration, client_secret_expires_at } })
      for (const { secrets } of world.history.server.clients) for (const it of secrets) it.until = hour / 2
      world.process.clockOff = clockOff
    }
    // Nothing has moved the clock of this world.
    const of = (...how: [number, string?]): Problem | undefined => problem(new Rested(), (it) => ended(it, ...how))
    expect(of(-2 * hour)).toMatchObject({ excuse: expect.stringContaining('no clock') })
    expect(of(hour)).toMatchObject({ wrong: 'the secret in use is refused', excuse: undefined })
    expect(of(-2 * hour, 'invalid_client')).toMatchObject({ excuse: undefined })
  })

  test('has none that somebody could mend whose clock is ahead by more than a secret lives, and no answer tells the time', () => {
    const of = (clockOff: number, tellsDate: boolean): Problem | undefined =>
      problem(new Rested(), (world) => {
        Object.assign(world.history.server.behaviour, { secretLife: 24 * hour, tellsDate })
        world.process.clockOff = clockOff
        world.call({ code: 'attempts-spent' })
      })
    expect(of(26 * hour, false)).toMatchObject({ excuse: expect.stringContaining('no answer'), goesOn: false })
    expect(of(26 * hour, true)).toMatchObject({ wrong: expect.stringContaining('calls fail'), excuse: undefined })
    expect(of(12 * hour, false)).toMatchObject({ wrong: expect.stringContaining('calls fail'), excuse: undefined })
  })

  test('has one where calls fail, which only a doubt excuses that goes on', () => {
    expect(problem(new Rested(), (world) => world.call({ code: 'transport' }))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested(), (world) => world.call({ code: 'missing' }))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested(), (world) => world.call({ code: 'policy' }))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested(), (world) => world.call({ code: 'suspect' }))).toMatchObject({
      excuse: 'suspect',
      goesOn: true,
    })
  })

  test('excuses that nobody has a client where one is expected that nobody made', () => {
    const empty = { registration: undefined }
    expect(problem(new Rested(empty), (world) => world.call({ code: 'missing' }))).toMatchObject({ excuse: 'missing' })
    expect(problem(new Rested(empty), (world) => world.call({ code: 'suspect' }))).toMatchObject({ excuse: undefined })
  })

  test('excuses another declaration where an operator, the network or a loss stands in the way, and nothing else does', () => {
    const edited = new Rested({}, 'An operator was here')
    expect(edited.problem).toMatchObject({ excuse: 'an operator has edited it' })

    const doubled = (client_id: string, method: string) => (world: Rested) =>
      world.request({ method, client_id, isDoubled: true })
    const twice = 'the network has done an update twice'
    expect(problem(new Rested({}, 'Orders 1'), doubled('client-1', 'PUT'))).toMatchObject({ excuse: twice })
    expect(problem(new Rested({}, 'Orders 1'), doubled('client-2', 'PUT'))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested({}, 'Orders 1'), doubled('client-1', 'GET'))).toMatchObject({ excuse: undefined })

    const doubledAnew =
      (...made: string[]) =>
      (world: Rested) =>
        world.request({ method: 'POST', endpoint: 'register', isDoubled: true, made })
    const twiceAnew = 'the network has done a registration twice'
    expect(problem(new Rested({}, 'Orders 1'), doubledAnew('client-1', 'client-1'))).toMatchObject({
      excuse: twiceAnew,
    })
    expect(problem(new Rested({}, 'Orders 1'), doubledAnew('client-1', 'client-2'))).toMatchObject({
      excuse: undefined,
    })

    const givenUp = (arrivedAt: number | undefined) => (world: Rested) =>
      world.request({ method: 'PUT', client_id: 'client-1', isUnanswered: true, at: 1, answeredAt: 20, arrivedAt })
    const late = 'an update that was given up has arrived later'
    expect(problem(new Rested({}, 'Orders 1'), givenUp(25))).toMatchObject({ excuse: late })
    expect(problem(new Rested({}, 'Orders 1'), givenUp(5))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested({}, 'Orders 1'), givenUp(undefined))).toMatchObject({ excuse: undefined })

    const overtaken = (arrivedAt: number, isDead: boolean) => (world: Rested) => {
      const process = world.start('p2', 0)
      process.isDead = isDead
      world.request({ method: 'PUT', client_id: 'client-1', process, at: 1, arrivedAt, answeredAt: undefined })
      world.request({ method: 'GET', client_id: 'client-1', at: 2, arrivedAt: 10 })
    }
    expect(problem(new Rested({}, 'Orders 1'), overtaken(11, true))).toMatchObject({ excuse: late })
    expect(problem(new Rested({}, 'Orders 1'), overtaken(9, true))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested({}, 'Orders 1'), overtaken(11, false))).toMatchObject({ excuse: undefined })

    const givenUpAnew = (arrivedAt: number, made: string) => (world: Rested) => {
      world.request({ method: 'POST', endpoint: 'register', made: [made], at: 1, answeredAt: 20 })
      Object.assign(world.history.requests.at(-1) ?? {}, { isUnanswered: true, arrivedAt })
    }
    const lateAnew = 'a registration that was given up has arrived later'
    expect(problem(new Rested({}, 'Orders 1'), givenUpAnew(25, 'client-1'))).toMatchObject({ excuse: lateAnew })
    expect(problem(new Rested({}, 'Orders 1'), givenUpAnew(25, 'client-2'))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested({}, 'Orders 1'), givenUpAnew(5, 'client-1'))).toMatchObject({ excuse: undefined })

    const overtakenAnew = (arrivedAt: number, isDead: boolean, made: string) => (world: Rested) => {
      const process = world.start('p2', 0)
      process.isDead = isDead
      world.request({ method: 'POST', endpoint: 'register', process, at: 1, made: ['client-1'] })
      Object.assign(world.history.requests.at(-1) ?? {}, { arrivedAt, answeredAt: undefined })
      world.request({ method: 'POST', endpoint: 'register', at: 2, made: [made] })
      Object.assign(world.history.requests.at(-1) ?? {}, { arrivedAt: 10 })
    }
    const anew = (...how: [number, boolean, string]): Problem | undefined =>
      problem(new Rested({}, 'Orders 1'), overtakenAnew(...how))
    expect(anew(11, true, 'client-1')).toMatchObject({ excuse: lateAnew })
    expect(anew(9, true, 'client-1')).toMatchObject({ excuse: undefined })
    expect(anew(11, false, 'client-1')).toMatchObject({ excuse: undefined })
    expect(anew(11, true, 'client-2')).toMatchObject({ excuse: undefined })

    const handedOutAgain = (isManaged: boolean, of: object) => (world: Rested) => {
      Object.assign(world.history.server, { behaviour: { ...world.history.server.behaviour, isManaged } })
      world.request({ method: 'POST', endpoint: 'register', made: ['client-1'], ...of })
    }
    const unheard = 'a registration whose answer was lost has changed it, and the server shows no client'
    const unanswered = { isUnanswered: true }
    expect(problem(new Rested({}, 'Orders 1'), handedOutAgain(false, unanswered))).toMatchObject({ excuse: unheard })
    expect(problem(new Rested({}, 'Orders 1'), handedOutAgain(true, unanswered))).toMatchObject({ excuse: undefined })
    expect(problem(new Rested({}, 'Orders 1'), handedOutAgain(false, {}))).toMatchObject({ excuse: undefined })
    const byAnother = (code?: string) => (world: Rested) => {
      const process = world.start('p2', 0)
      handedOutAgain(false, { status: 504, process })(world)
      world.call({})
      world.call({ process, code })
    }
    expect(problem(new Rested({}, 'Orders 1'), byAnother('closed'))).toMatchObject({ excuse: unheard })
    expect(problem(new Rested({}, 'Orders 1'), byAnother())).toMatchObject({ excuse: undefined })
    const other = { ...unanswered, made: ['client-2'] }
    expect(problem(new Rested({}, 'Orders 1'), handedOutAgain(false, other))).toMatchObject({ excuse: undefined })

    const lost = (name: string) => (world: Rested) => {
      const registration = { client_id: 'client-1', client_name: name }
      world.lose(2)
      world.save(3, { registration })
    }
    const gone = 'the store has lost what was made of it'
    expect(problem(new Rested({}, 'Orders 1'), lost('Orders 0'))).toMatchObject({ excuse: gone })
    expect(problem(new Rested({}, 'Orders 1'), lost('Orders 1'))).toMatchObject({ excuse: undefined })
  })

  test('excuses another declaration where the client can not be managed', () => {
    const unmanaged = new Rested({ manageable: false }, 'Orders 1')
    expect(unmanaged.problem).toMatchObject({ excuse: 'it can not be managed', goesOn: false })
    expect(new Rested({ manageable: true }, 'Orders 1').problem).toMatchObject({ excuse: undefined })
  })

  test('excuses another declaration where no client lives until it is known that none can be updated', () => {
    const at = (behaviour: object) => (world: Rested) => {
      const { server } = world.history
      Object.assign(server, { behaviour: { ...server.behaviour, cannotUpdate: { status: 404 }, ...behaviour } })
    }
    const of = (behaviour: object): Problem | undefined =>
      problem(new Rested({ manageable: true }, 'Orders 1'), at(behaviour))
    const cannotRead = { status: 403 }
    const excuse: unknown = expect.stringContaining('no client lives')
    expect(of({ cannotRead, secretLife: 10 * minute })).toMatchObject({ excuse })
    expect(of({ cannotRead, secretLife: 11 * minute })).toMatchObject({ excuse: undefined })
    expect(of({ cannotRead: undefined, secretLife: minute })).toMatchObject({ excuse: undefined })
    // By the clock of one of them each has ended on arrival.
    const ahead = (clockOff: number, behaviour: object): Problem | undefined =>
      problem(new Rested({ manageable: true }, 'Orders 1'), (world) => {
        at({ secretLife: 6 * hour, tellsDate: false, ...behaviour })(world)
        world.process.clockOff = clockOff
      })
    expect(ahead(7 * hour, { cannotRead })).toMatchObject({ excuse })
    expect(ahead(5 * hour, { cannotRead })).toMatchObject({ excuse: undefined })
    expect(ahead(7 * hour, { cannotRead, tellsDate: true })).toMatchObject({ excuse: undefined })
    expect(ahead(7 * hour, { cannotRead: undefined })).toMatchObject({ excuse: undefined })
  })

  test('excuses another declaration where no client lives for longer than until each node knows it, and as long again', () => {
    const of = (behaviour: object): Problem | undefined =>
      problem(
        new Rested({ manageable: true }, 'Orders 1'),
        ({ history: { server } }) => void Object.assign(server.behaviour, behaviour),
      )
    const secretLife = 2 * minute
    expect(of({ nodesLearnAfter: minute, secretLife })).toMatchObject({ excuse: expect.stringContaining('each node') })
    expect(of({ nodesLearnAfter: minute - 1, secretLife })).toMatchObject({ excuse: undefined })
    expect(of({ nodesLearnAfter: minute, secretLife: hour })).toMatchObject({ excuse: undefined })
    expect(of({ nodesLearnAfter: minute, secretLife: undefined })).toMatchObject({ excuse: undefined })
    expect(of({ nodesLearnAfter: 0, secretLife })).toMatchObject({ excuse: undefined })
  })

  test('does not ask for a secret that lives while it waits for approval, or where secrets live for minutes', () => {
    const waiting = (worksFrom: number) => (world: Rested) =>
      world.history.server.clients.forEach((it) => void (it.worksFrom = worksFrom))
    expect(problem(new Rested(), waiting(2 * hour))).toBeUndefined()
    const ended = (life: number) => (world: Rested) => {
      world.history.plan.server.secretLife = life
      for (const it of world.history.server.clients) for (const secret of it.secrets) secret.until = life
    }
    expect(problem(new Rested(), ended(9 * minute))).toBeUndefined()
    expect(problem(new Rested(), ended(11 * minute))).toMatchObject({ wrong: 'the secret in use is refused' })
  })

  test('is asked of those who live and are not closed', () => {
    const wrong = (): Rested => new Rested({}, 'Orders 1')
    expect(problem(wrong(), (world) => void (world.process.isDead = true))).toBeUndefined()
    expect(problem(wrong(), (world) => world.call({ code: 'closed' }))).toBeUndefined()
    const another = (world: Rested): void => {
      world.call({ code: 'closed' })
      const process = world.start('p2', 5)
      world.running.push({ process, planned: world.planned })
      world.call({ process })
    }
    expect(problem(wrong(), another)).toMatchObject({ excuse: undefined })
  })

  test('keeps to the highest number that ever was, and without numbers to who lives', () => {
    const dies = (generation: number | undefined) => (world: Rested) => {
      const newer = { ...world.planned, declaration: 1, generation }
      world.history.plan.processes = [world.planned, newer]
      world.running.push({ process: world.start('p2', 5, { isDead: true }), planned: newer })
    }
    expect(problem(new Rested({}, 'Orders 1'), dies(2))).toBeUndefined()
    expect(problem(new Rested({}, 'Orders 1'), dies(undefined))).toMatchObject({ excuse: undefined })
  })

  test('is over where everything is deleted, and not while it is being deleted', () => {
    expect(new Rested({ state: 'deleted' }, 'Orders 1').problem).toBeUndefined()
    expect(new Rested({ state: 'deleting' }).problem).toMatchObject({ excuse: undefined, goesOn: true })
  })

  test('is waited for as long as a process says, by its own clock where that is late', () => {
    const { process } = new Written()
    expect(process.whenItIs(epoch + minute)).toBe(minute)
    process.clockOff = -hour
    expect(process.whenItIs(epoch + minute)).toBe(minute + hour)
    // What it has heard of the server's clock counts, and one that is ahead may hear of it yet.
    process.hear(hour)
    expect(process.whenItIs(epoch + minute)).toBe(minute)
    // Until its wall clock and its monotonic clock part: it slept, or was set.
    process.slept = minute
    expect(process.whenItIs(epoch + minute)).toBe(minute)
    process.slept = minute + 1
    expect(process.whenItIs(epoch + minute)).toBe(minute + hour)
    // Two that cancel each other part nothing, but for whoever has looked between them.
    process.slept = 0
    expect(process.whenItIs(epoch + minute)).toBe(minute)
    process.slept = minute + 1
    process.look()
    process.slept = 0
    expect(process.whenItIs(epoch + minute)).toBe(minute + hour)
    process.clockOff = hour
    expect(process.whenItIs(epoch + minute)).toBe(minute)
  })

  test('has no intent that stands longer than its lease, though one that has just begun is nothing', () => {
    const world = new Written()
    const intent = { id: 'i', operation: 'renew', owner: 'o', lease: 30_000, sent: false, startedAt: 0 }
    world.save(minute, { intent })
    world.save(minute + 1000, { intent, revision: 2 })
    const { timeline } = world.history.store
    expect(isLeft(timeline, intent, minute + 29_000)).toBe(false)
    expect(isLeft(timeline, intent, minute + 30_000)).toBe(true)
    expect(isLeft(timeline, { ...intent, lease: 0 }, hour)).toBe(false)
  })
})
