import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Imported by the package's entry point, so that importing the package still loads one file.
import { fileStore, InvalidRequestError, RegistrationError } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

import { postgres, redis } from './engines.ts'
import { loadEncryptedStore, loadKubernetesStore } from './load.ts'
import { codeOf } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import type { Given } from './said.ts'

const schemes = 'Give file:PATH, postgres://..., redis://... or kubernetes:NAMESPACE/NAME.'

/** By the scheme of an address: what makes the store, and the package that the application has to install for it. */
const makers: Readonly<
  Record<string, [make: (address: string, folder: string) => Promise<RegistrationStore>, peer?: string]>
> = {
  file: [file],
  kubernetes: [kubernetes],
  postgres: [postgres, 'pg'],
  postgresql: [postgres, 'pg'],
  redis: [redis, 'redis'],
  rediss: [redis, 'redis'],
}

/** The store that an address names. No message repeats the address, since it may hold a password. */
export async function storeOf(
  { value, label, folder }: Given,
  mistakes: Mistakes,
): Promise<RegistrationStore | undefined> {
  const address = typeof value === 'string' ? value : ''
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(address) ?? []
  const [make, peer] = (Object.hasOwn(makers, scheme) ? makers[scheme] : undefined) ?? []
  if (make === undefined) {
    mistakes.add(label, scheme === '' ? `It names no store. ${schemes}` : `There is no store ${scheme}. ${schemes}`)
    return undefined
  }
  try {
    return await make(address, folder)
  } catch (error) {
    const isAbsent = peer !== undefined && codeOf(error) === 'ERR_MODULE_NOT_FOUND'
    if (isAbsent) mistakes.add(label, `It needs the package ${peer}. Install it: npm install ${peer}`)
    else mistakes.add(label, `It is no address of a ${scheme} store. ${rulesIn(error) ?? schemes}`)
    return undefined
  }
}

/** The rules that a store says an address has broken. */
const rulesIn = (error: unknown): string | undefined =>
  error instanceof InvalidRequestError
    ? error.findings.map(({ member, message }) => `${member}: ${message.replace(/\.?$/, '.')}`).join(' ')
    : undefined

async function file(address: string, folder: string): Promise<RegistrationStore> {
  const rest = address.slice('file:'.length)
  if (rest.replaceAll('/', '') === '') throw new TypeError('no folder is named')
  // What is no path goes on as it is: the store refuses it in its own words.
  const isPath = !/^(?:~(?:[/\\]|$)|[a-z][a-z\d+.-]+:)/i.test(rest)
  return fileStore(rest.startsWith('//') ? fileURLToPath(address) : isPath ? resolve(folder, rest) : rest)
}

async function kubernetes(address: string): Promise<RegistrationStore> {
  const [namespace, name, more] = address.slice('kubernetes:'.length).split('/')
  // A single name might be namespace or Secret, and another Secret would be another registration.
  if (more !== undefined || (namespace !== '' && name === undefined)) throw new TypeError('it is no NAMESPACE/NAME')
  const { kubernetesStore } = await loadKubernetesStore()
  return kubernetesStore({ namespace: namespace || undefined, name: name || undefined })
}

/** The name that sealed records give to a key without one. */
const unnamed = 'default'

const keyForm =
  'Give 32 random bytes in base64, as openssl rand -base64 32 prints them; several with a name each, the one that seals first: 2027:KEY,2026:KEY. A key keeps its name; one that had none is given without one.'

/** The store with its values sealed by the keys that were given. */
export async function sealed(
  store: RegistrationStore | undefined,
  { value, label }: Given,
  mistakes: Mistakes,
): Promise<RegistrationStore | undefined> {
  const keys = String(value)
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((it) => /^(?:([^:]+):)?([A-Za-z0-9+/_-]{43}=?)$/.exec(it))
    .map((found) => ({ kid: found?.[1] ?? unnamed, key: Buffer.from(found?.[2] ?? '', 'base64') }))
  if (keys.length === 0 || keys.some(({ key }) => key.length !== 32)) {
    mistakes.add(label, keyForm)
    return undefined
  }
  try {
    return store && (await loadEncryptedStore()).encryptedStore(store, { keys })
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    mistakes.add(label, keyForm)
    return undefined
  }
}
