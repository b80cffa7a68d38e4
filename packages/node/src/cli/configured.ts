import { InvalidRequestError, RegistrationManager } from '@registrant/core'
import type { Finding, ManagerOptions, RegistrationEvent, RegistrationStore } from '@registrant/core'

import type { Config } from '../environment/config.ts'
import { managerOptions, readConfiguration } from '../environment/configuration.ts'
import type { Configured } from '../environment/configuration.ts'
import { levelOf, lineOf } from '../log/line.ts'
import type { Call } from './command.ts'

/** What is wrong with the configuration, all of it. */
export class ConfigurationError extends Error {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super('The configuration can not be used')
    this.findings = findings
  }
}

/** Reads environment and configuration file; `needs` names what the command can't do without. */
export async function configuredFor(call: Call, needs?: readonly (keyof Config)[]): Promise<Configured> {
  const path = call.text('config')
  try {
    return await readConfiguration(call.env, {
      ...(path !== undefined && { config: { path, by: '--config' } }),
      ...(needs && { needs }),
    })
  } catch (error) {
    throw error instanceof InvalidRequestError ? new ConfigurationError(error.findings) : error
  }
}

/** A manager as it is configured, for one call of a command. */
export interface Opened {
  manager: RegistrationManager
  options: ManagerOptions
  /** What happened so far. */
  events: RegistrationEvent[]
}

/** Lets a task use the manager, tells by the way what somebody should know, and closes everything at the end. */
export async function withManager<T>(
  call: Call,
  task: (opened: Opened) => Promise<T>,
  change: (options: ManagerOptions) => ManagerOptions = (options) => options,
): Promise<T> {
  const configured = await configuredFor(call)
  const events: RegistrationEvent[] = []
  const onEvent = (event: RegistrationEvent): void => {
    events.push(event)
    if (event.type === 'waiting' || levelOf(event) === 'warn' || levelOf(event) === 'error') call.note(lineOf(event))
  }
  const options = change({ ...managerOptions(configured), onEvent })
  const manager = new RegistrationManager(options)
  try {
    return await task({ manager, options, events })
  } finally {
    // What has begun comes to its end, so that no answer is lost.
    await manager.close()
    await closeStore(configured.store)
  }
}

export async function closeStore(store: RegistrationStore | undefined): Promise<void> {
  await store?.close?.()
}
