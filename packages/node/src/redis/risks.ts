import type { StoreRisk } from '@registrant/core'

import { isNodeRedis, run } from './client.ts'
import type { RedisClient } from './client.ts'
import { infoScript } from './scripts.ts'

/** What this server, as it is configured, may lose of what it acknowledged. */
export async function risksOf(client: RedisClient, key: string, replicas: number): Promise<StoreRisk[]> {
  const told = String(await run(client, infoScript, key, []))
  const info = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(told)?.[1] ?? ''
  const flush = info('aof_enabled') === '1' ? await flushSetting(client) : undefined
  return [
    ...(info('aof_enabled') === '0' ? [noFile] : []),
    ...(flush === undefined || flush === 'always' ? [] : [notFlushed(flush)]),
    ...(info('maxmemory_policy').startsWith('allkeys') ? [evicted(info('maxmemory_policy'))] : []),
    ...(Number(info('connected_slaves')) > 0 && replicas === 0 ? [replicaBehind] : []),
  ]
}

/** The setting `appendfsync`; `undefined` where it can't be seen: a hosted Redis may not show its configuration. */
async function flushSetting(client: RedisClient): Promise<string | undefined> {
  try {
    const told = isNodeRedis(client)
      ? hasConfigGet(client) && (await client.configGet('appendfsync'))
      : hasConfig(client) && (await client.config('GET', 'appendfsync'))
    return /\b(?:always|everysec|no)\b/.exec(JSON.stringify(told))?.[0]
  } catch {
    return undefined
  }
}

const hasConfigGet = (client: RedisClient): client is RedisClient & { configGet(name: string): Promise<unknown> } =>
  'configGet' in client

const hasConfig = (
  client: RedisClient,
): client is RedisClient & { config(verb: string, name: string): Promise<unknown> } => 'config' in client

const noFile: StoreRisk = {
  rule: 'saves-not-flushed',
  message:
    'Redis keeps no append-only file: a crash takes back what was saved since its last snapshot. Set appendonly yes and ' +
    'appendfsync always.',
}

const notFlushed = (setting: string): StoreRisk => ({
  rule: 'saves-not-flushed',
  message:
    `appendfsync is ${setting} in Redis: a power failure may take back the last ` +
    `${setting === 'everysec' ? 'second' : 'half a minute'} of saves that were acknowledged. Set it to always.`,
})

const evicted = (policy: string): StoreRisk => ({
  rule: 'records-evicted',
  message:
    `maxmemory-policy is ${policy} in Redis: when its memory is full it removes any key, a registration too. Keep ` +
    'registrations in a Redis with noeviction, or one of the volatile policies.',
})

const replicaBehind: StoreRisk = {
  rule: 'replica-may-lag',
  message:
    'Replicas follow Redis without being waited for: a failover to one may take back the last saves that were ' +
    'acknowledged. The option replicas waits for them, which makes that rare and does not exclude it.',
}
