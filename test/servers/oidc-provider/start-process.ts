import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Registrar } from '@registrant/node/testing'

import type { SeenRequest } from '../test-server.ts'
import { basicRegistrar } from './configuration.ts'
import type { OidcProviderOptions } from './configuration.ts'

/** oidc-provider in a process of its own, so that all it can tell has to be asked for. */
export interface OidcProviderProcess {
  readonly url: string
  readonly issuer: string
  readonly pid: number
  readonly registrar: Registrar
  readonly basicRegistrar: Registrar
  clients(): Promise<number>
  clientIds(): Promise<string[]>
  secrets(): Promise<string[]>
  requests(): Promise<SeenRequest[]>
  forget(clientId: string): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts oidc-provider in a process of its own, for tests whose many clients would starve a server in theirs. */
export async function startOidcProviderProcess(options: OidcProviderOptions = {}): Promise<OidcProviderProcess> {
  const program = fileURLToPath(new URL('process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([once(lines, 'line'), ended.then(() => undefined)])
  if (line === undefined) throw new Error('oidc-provider did not start')
  const { url, admin, registrar }: { url: string; admin: string; registrar: Registrar } = JSON.parse(String(line[0]))

  const state = async (query = ''): Promise<{ clientIds: string[]; secrets: string[]; requests: SeenRequest[] }> =>
    JSON.parse(await (await fetch(`${admin}/${query}`)).text())
  const close = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  return {
    url,
    issuer: url,
    pid: child.pid ?? 0,
    registrar,
    basicRegistrar,
    clients: async () => (await state()).clientIds.length,
    clientIds: async () => (await state()).clientIds,
    secrets: async () => (await state()).secrets,
    requests: async () => (await state()).requests,
    forget: async (clientId) => void (await state(`?forget=${encodeURIComponent(clientId)}`)),
    close,
    [Symbol.asyncDispose]: close,
  }
}
