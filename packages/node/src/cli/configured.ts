import { InvalidRequestError, RegistrationManager, StoreError } from '@registrant/core'
import type { Finding, ManagerOptions, RegistrationEvent, RegistrationStore } from '@registrant/core'

import type { Config } from '../environment/config.ts'
import { managerOptions, readConfiguration } from '../environment/configuration.ts'
import type { Configured } from '../environment/configuration.ts'
import { whileWaited } from '../engine/failure.ts'
import { levelOf, lineOf } from '../log/line.ts'
import type { Call } from './command.ts'
import { withAdvice } from './show.ts'

/** The configuration is wrong: `findings` lists every mistake. */
export class ConfigurationError extends Error {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super('The configuration can not be used')
    this.findings = findings
  }
}

/** Reads environment and configuration file; `needs` names the members that the command can't do without. */
export async function configuredFor(call: Call, needs?: readonly (keyof Config)[]): Promise<Configured> {
  const path = call.text('config')
  try {
    const configured = readConfiguration(call.env, {
      ...(path !== undefined && { config: { path, by: '--config' } }),
      ...(needs && { needs }),
    })
    // The file may be a pipe, or a program that never ends: a signal ends the wait.
    return await whileWaited(configured, call.signal)
  } catch (error) {
    throw error instanceof InvalidRequestError ? new ConfigurationError(error.findings) : error
  }
}

/** A manager as it is configured, for one call of a command. */
export interface Opened {
  manager: RegistrationManager
  options: ManagerOptions
  configured: Configured
  /** The manager's events so far. */
  events: RegistrationEvent[]
}

type Drift = Extract<RegistrationEvent, { type: 'drift' | 'renewal-failed' }>

/** The events that say why the client is not as it should be. */
export const driftsIn = (events: readonly RegistrationEvent[]): Drift[] =>
  events.flatMap((event) => (event.type === 'drift' || event.type === 'renewal-failed' ? [event] : []))

/** Runs a task with the configured manager, notes the events that a person should know of, and closes manager and store. */
export async function withManager<T>(
  call: Call,
  task: (opened: Opened) => Promise<T>,
  change: (options: ManagerOptions) => ManagerOptions = (options) => options,
): Promise<T> {
  const configured = await configuredFor(call)
  const events: RegistrationEvent[] = []
  const told = new Set<string>()
  const onEvent = (event: RegistrationEvent): void => {
    events.push(event)
    if (event.type !== 'waiting' && levelOf(event) !== 'warn' && levelOf(event) !== 'error') return
    const line = lineOf(event)
    // A store that fails may fail at each load: each line is printed once.
    if (!told.has(line)) call.note(withAdvice(line))
    told.add(line)
  }
  const options = change({ ...optionsFor(configured, call.signal), onEvent })
  const manager = new RegistrationManager(options)
  try {
    return await task({ manager, options, configured, events })
  } finally {
    // Work that has begun comes to its end, so that no answer is lost.
    await manager.close()
    await closeStore(configured.store, call.signal)
  }
}

/**
 * The options of a manager that leaves the store open. Nothing is sent before the first save, so until then nothing is at
 * stake: when the signal aborts, the call does not wait for a load that hangs.
 */
export function optionsFor(configured: Configured, signal: AbortSignal): ManagerOptions {
  const options = managerOptions(configured)
  const { store } = options
  let isAtStake = false
  return {
    ...options,
    store: {
      ...store,
      load: (...given) => (isAtStake ? store.load(...given) : whileWaited(store.load(...given), signal)),
      save(...given) {
        isAtStake = true
        return store.save(...given)
      },
      risks: async (given) => whileWaited(Promise.resolve(store.risks?.(given) ?? []), signal),
      close: () => Promise.resolve(),
    },
  }
}

/** The options of a manager that only looks at what there is: its store refuses saves, and its fetch sends nothing. */
export function withoutEffect(options: ManagerOptions): ManagerOptions {
  const store: RegistrationStore = {
    load: (...given) => options.store.load(...given),
    save: () => Promise.reject(new StoreError('store-denied', 'This is a dry run: nothing is saved.')),
  }
  return { ...options, store, fetch: () => Promise.reject(new Error('This is a dry run: nothing is sent.')) }
}

/** Closes the store that was opened for this call. When the signal aborts, a store that hangs is not waited for. */
export async function closeStore(store: RegistrationStore | undefined, signal: AbortSignal): Promise<void> {
  try {
    await whileWaited(Promise.resolve(store?.close?.()), signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
