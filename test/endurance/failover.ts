import { setTimeout as sleep } from 'node:timers/promises'

import { StoreError } from '@registrant/node'
import type { RegistrationManager } from '@registrant/node'

import { choiceOf, startEngine, startReplica } from '../engines/choices.ts'
import type { EngineName } from '../engines/choices.ts'
import { startCutProxy } from '../engines/cut-proxy.ts'
import { startScriptedServer } from '../servers/index.ts'
import type { ScriptedServer } from '../servers/index.ts'
import { openEngine } from '../starters/engine.ts'
import type { OpenEngine } from '../starters/engine.ts'
import { AcknowledgedSaves, ensured, managerOf } from './replicas.ts'

/** What failovers to a replica that lags came to. */
export interface FailoverFigures {
  failovers: number
  /** Registrations that were in use then. */
  registrations: number
  /** Saves that were acknowledged before, and how many of them the new primary did not have. */
  acknowledged: number
  takenBack: number
  /** Registrations of services that went on, of which all had one client in the end, and clients of theirs that no record names. */
  agree: number
  duplicates: number
  /** Clients that no record names, where every process had ended and others were started after the failover. */
  strangers: number
}

const [replicas, instances] = [3, 4] as const
/** Who is started anew waits for the lease of who has ended. */
const patience = { timeout: 5000, lease: 12_000 }

/**
 * Services start and rotate, their engine is killed, and a replica takes over that was some time behind. Half of the services go on,
 * and half of them are started anew.
 */
export async function failover(
  name: EngineName,
  { failovers, lag = 150 }: { failovers: number; lag?: number },
): Promise<FailoverFigures> {
  const figures = {
    failovers: 0,
    registrations: 0,
    acknowledged: 0,
    takenBack: 0,
    agree: 0,
    duplicates: 0,
    strangers: 0,
  }
  for (; figures.failovers < failovers; figures.failovers++) await failOver(name, lag, figures)
  return figures
}

async function failOver(name: EngineName, lag: number, figures: FailoverFigures): Promise<void> {
  await using primary = await startEngine(name)
  await using behind = await startCutProxy(primary.port)
  await using replica = await startReplica(name, behind.port)
  await using front = await startCutProxy(primary.port)
  behind.delay(lag)
  const url = primary.url.replace(String(primary.port), String(front.port))
  const opened = await Promise.all(
    Array.from({ length: replicas }, (_, index) => openEngine(choiceOf(name, url, index))),
  )
  const services = await Promise.all(Array.from({ length: instances }, (_, index) => Service.start(opened, index)))
  for (let looks = 0; looks < 1200 && services.some(({ saves }) => saves.count === 0); looks++) await sleep(50)
  await sleep(Math.random() * 600)
  await primary.kill()
  for (const [index, service] of services.entries()) service.stop(index % 2 === 1)
  await replica.promote()
  const direct = await openEngine(choiceOf(name, replica.url, 0))
  for (const { saves } of services) {
    figures.registrations++
    figures.acknowledged += saves.count
    figures.takenBack += await saves.missingFrom(direct.store)
  }
  front.lead(replica.port)
  for (const [index, service] of services.entries())
    if (index % 2 === 0) {
      const { agree, strangers } = await service.goOn()
      if (agree) figures.agree++
      figures.duplicates += strangers
    } else figures.strangers += await service.startAnew(opened)
  await Promise.all([...opened, direct].map((it) => it.end()))
  await Promise.all(services.map(({ server }) => server[Symbol.asyncDispose]()))
}

/** Replicas of one service, of which one rotates its client all the time. */
class Service {
  readonly saves = new AcknowledgedSaves()
  readonly server: ScriptedServer
  readonly #instance: string
  readonly #managers: readonly RegistrationManager[]
  readonly #work: Promise<unknown>
  #isOver = false
  #isDead = false

  static async start(opened: readonly OpenEngine[], index: number): Promise<Service> {
    return new Service(await startScriptedServer(), opened, String(index))
  }

  private constructor(server: ScriptedServer, opened: readonly OpenEngine[], instance: string) {
    this.server = server
    this.#instance = instance
    const alive = (): void => {
      if (this.#isDead) throw new StoreError('store-unavailable', 'This process has ended')
    }
    this.#managers = opened.map(({ store }) => managerOf(server, this.saves.heardIn(store, alive), instance, patience))
    this.#work = Promise.all(
      this.#managers.map(async (manager, place) => {
        await ensured(() => manager.ensure())
        if (place === 0) await this.#rotate(manager)
      }),
    )
    // Those that end are not waited for.
    this.#work.catch(() => undefined)
  }

  async #rotate(manager: RegistrationManager): Promise<void> {
    while (!this.#isOver) await manager.rotate().catch(() => sleep(50))
  }

  stop(dies: boolean): void {
    this.#isOver = true
    this.#isDead = dies
  }

  /** Those that remember what was taken back. */
  async goOn(): Promise<{ agree: boolean; strangers: number }> {
    await this.#work
    return this.#judge(this.#managers)
  }

  /** Nobody remembers. */
  async startAnew(opened: readonly OpenEngine[]): Promise<number> {
    await Promise.all(this.#managers.map((manager) => manager.close()))
    await this.#work.catch(() => undefined)
    const { strangers } = await this.#judge(
      opened.map(({ store }) => managerOf(this.server, store, this.#instance, patience)),
    )
    return strangers
  }

  async #judge(managers: readonly RegistrationManager[]): Promise<{ agree: boolean; strangers: number }> {
    for (const manager of managers) await ensured(() => manager.ensure())
    await managers[0]?.sweep()
    const used = new Set<string>()
    for (const manager of managers) used.add((await ensured(() => manager.ensure())).client_id)
    const status = await managers[0]?.status()
    const listed = [...(status?.replaced ?? []), ...(status?.orphans ?? [])].map(({ client_id }) => client_id)
    await Promise.all(managers.map((manager) => manager.close()))
    const strangers = this.server.clientIds().filter((id) => !used.has(id) && !listed.includes(id)).length
    return { agree: used.size === 1, strangers }
  }
}
