import { hostname } from 'node:os'

import { clientCredentials, InvalidRequestError, memoryStore, PolicyError, RegistrationManager } from '@registrant/core'
import type {
  KeysOptions,
  ManagerOptions,
  RegistrationRequest,
  RegistrationStore,
  ServerProfile,
} from '@registrant/core'
import { discoveryRequests } from '@registrant/core/exchange'
import * as profiles from '@registrant/core/profiles'
import * as z from 'zod/mini'

import type { Config } from './config.ts'
import { fileMembers, variableOf } from './members.ts'
import { metadataOf } from './metadata.ts'
import { Mistakes } from './mistakes.ts'
import { collect } from './said.ts'
import type { Environment, Given, NamedConfig } from './said.ts'
import { sealed, storeOf } from './store.ts'

/** What environment and configuration file say, checked. */
export type Members = Config & {
  clientSecret?: string
  initialAccessToken?: string
  storeKey?: string
}

/** What the members make: the parts of a manager's options, as far as they are given. */
export interface Configured {
  members: Members
  metadata: RegistrationRequest | undefined
  store: RegistrationStore | undefined
}

const missing: Readonly<Partial<Record<keyof Members, string>>> = {
  issuer: 'It is missing. Give the address of the server, as it spells itself.',
  application: 'It is missing. Give the name of the application; choose it once, for ever.',
  metadata: 'It is missing. Give what the client is registered with: the path of a JSON file, or JSON.',
  store: 'It is missing. Give where the registration is kept, as in file:/var/lib/orders.',
}

/** The members that a manager can't be made without. */
const required = ['issuer', 'application', 'metadata', 'store'] as const

/**
 * Reads environment and configuration file.
 *
 * @throws {InvalidRequestError} `findings` lists every mistake, by the name of the variable or of the member
 */
export async function readConfiguration(
  env: Environment,
  { config, needs = required }: { config?: NamedConfig; needs?: readonly (keyof Members)[] } = {},
): Promise<Configured> {
  const mistakes = new Mistakes()
  const given = await collect(env, config, mistakes)
  for (const member of needs)
    if (!given.has(member) && !given.has(`${member}File`))
      mistakes.add(variableOf(member), missing[member] ?? 'It is missing.')
  const members = checked(given, mistakes)
  checkTogether(given, mistakes)
  checkIssuer(given, members, mistakes)
  const from = <T>(member: string, read: (it: Given, mistakes: Mistakes) => Promise<T>): Promise<T> | undefined => {
    const it = given.get(member)
    return it && read(it, mistakes)
  }
  const metadata = await from('metadata', metadataOf)
  const plain = await from('store', storeOf)
  const store = (await from('storeKey', (it) => sealed(plain, it, mistakes))) ?? plain
  checkAsOptions(given, { members, metadata, store }, mistakes)
  mistakes.refuse()
  return { members, metadata, store }
}

/** Checks each member by its schema; wrong ones are noted and left out. */
function checked(given: ReadonlyMap<string, Given>, mistakes: Mistakes): Members {
  const members: Record<string, unknown> = {}
  for (const [member, { value, label }] of given) {
    const schema = fileMembers[member]
    const error = schema && z.safeParse(schema, value).error
    if (error === undefined) members[member] = value
    else mistakes.add(label, error.issues[0]?.message ?? 'It is wrong.')
  }
  return Object.assign({}, members)
}

/** Notes members that lack another one, or exclude it. */
function checkTogether(given: ReadonlyMap<string, Given>, mistakes: Mistakes): void {
  const [client, secret, token] = ['clientId', 'clientSecret', 'initialAccessToken'].map((member) => given.get(member))
  const hasSecret = secret !== undefined || given.has('clientSecretFile')
  if (client !== undefined && !hasSecret)
    mistakes.add(
      variableOf('clientSecret'),
      `${client.label} names a client, and its secret is missing. Give it, or name a file that holds it in ${variableOf('clientSecretFile')}.`,
    )
  if (client === undefined)
    for (const member of ['clientSecret', 'authentication', 'scope']) {
      const alone = given.get(member)
      if (alone !== undefined)
        mistakes.add(alone.label, `It is for a client that nobody names. Give ${variableOf('clientId')} too.`)
    }
  if (client !== undefined && token !== undefined)
    mistakes.add(
      token.label,
      `Either a token or a client pays for the registration. Leave this or ${client.label} out.`,
    )
}

/** Notes an issuer that no request may go to. */
function checkIssuer(given: ReadonlyMap<string, Given>, { issuer, allowHttp }: Members, mistakes: Mistakes): void {
  if (issuer === undefined) return
  const label = given.get('issuer')?.label ?? variableOf('issuer')
  try {
    discoveryRequests(issuer, { allowHttp })
  } catch (error) {
    if (error instanceof InvalidRequestError)
      mistakes.add(label, 'An issuer has neither query nor fragment. Leave it out.')
    else if (error instanceof PolicyError) mistakes.add(label, insecure(new URL(issuer)))
    else throw error
  }
}

function insecure({ protocol, origin }: URL): string {
  const advice =
    protocol === 'http:' ? ` For development, ${variableOf('allowHttp')}=${origin} allows plain http there.` : ''
  return `Give an https address without user info, or one of plain http on this machine.${advice}`
}

/** Notes what a manager would refuse, by the names that were given. What is missing, or wrong by itself, hides nothing else. */
function checkAsOptions(given: ReadonlyMap<string, Given>, configured: Configured, mistakes: Mistakes): void {
  const { noted } = mistakes
  const members = { issuer: 'https://as.example', application: 'any', ...configured.members }
  try {
    void new RegistrationManager(managerOptions({ ...configured, members, store: configured.store ?? memoryStore() }))
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error
    for (const { member, message } of error.findings) {
      const label = given.get(member)?.label ?? member
      if (!noted.has(label)) mistakes.add(label, message.replace(/\.?$/, '.'))
    }
  }
}

/** The options of a manager, from a configuration that has all it needs. */
export function managerOptions({ members, metadata = {}, store }: Configured): ManagerOptions {
  const { issuer = '', application = '', instance, generation, allowHttp, expectExisting } = members
  if (store === undefined) throw new Error('a configuration without a store has been refused before')
  return {
    issuer,
    application,
    instance,
    generation,
    allowHttp,
    expectExisting,
    keys: keysOf(members),
    metadata,
    store,
    profile: profileOf(members),
    accessToken: accessTokenOf(members),
    owner: `${hostname()}:${process.pid}`,
  }
}

/** What is said of the keys that the manager is to keep; `undefined` where it is to keep none. */
export const keysOf = ({ keys }: Members): KeysOptions | undefined => (keys === true ? {} : keys || undefined)

/** The profile that is named; `undefined` where none is. */
export const profileOf = ({ profile }: Members): ServerProfile | undefined =>
  Object.entries<ServerProfile>(profiles).find(([name]) => name === profile)?.[1]

/** What authorizes the registration: the client's credentials, or an initial access token. */
function accessTokenOf(members: Members): ManagerOptions['accessToken'] {
  const { clientId, clientSecret, authentication, scope, initialAccessToken } = members
  if (clientId === undefined || clientSecret === undefined) return initialAccessToken
  return clientCredentials({ clientId, clientSecret, authentication, scope })
}
