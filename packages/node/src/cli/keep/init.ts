import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'

import { InvalidRequestError, RegistrationClient } from '@registrant/core'
import type { AuthorizationServer } from '@registrant/core'
import { checkRequest } from '@registrant/core/checks'
import { registrationEndpoint } from '@registrant/core/exchange'

import { configNames, isThere } from '../../environment/config-file.ts'
import { whileWaited } from '../../engine/failure.ts'
import { profileOf, readConfiguration } from '../../environment/configuration.ts'
import type { Members } from '../../environment/configuration.ts'
import { isAddress, variableOf } from '../../environment/members.ts'
import { codeOf } from '../../environment/mistakes.ts'
import { originsIn } from '../../environment/said.ts'
import { ask, confirm, objectIn } from '../ask.ts'
import { UsageError, yes } from '../command.ts'
import type { Call, Command } from '../command.ts'
import { ConfigurationError } from '../configured.ts'
import { rows, shown } from '../show.ts'

const text = (value: string, means: string) => ({ type: 'string', value, means }) as const

export const init: Command = {
  name: 'init',
  usage: 'ISSUER --application NAME [OPTIONS]',
  summary: 'ask the server, and write a configuration file',
  help: `Asks the server what it supports, writes registrant.config.json, and says what is left to do: where the secret
belongs, and what to look at. The file holds no secret. At a terminal it asks for ISSUER and NAME where they are missing.`,
  options: {
    application: text('NAME', 'the name of the application; choose it once, for ever'),
    metadata: text('FILE', 'what the client is registered with (default: a client for itself, without users)'),
    'client-id': text('ID', 'the client that pays for the registration (default: registration is open)'),
    scope: text('SCOPES', 'what to ask its access token for'),
    profile: text('NAME', 'the server that it is, where it needs a profile'),
    store: text('STORE', 'where the registration is kept (default: file:./registration, beside the file)'),
    'allow-http': text('ORIGIN', 'an origin that may be asked by plain http, for development alone'),
    ...yes,
  },
  operands: [0, 1],
  async run(call) {
    const issuer = call.operands[0] ?? (await ask('Address of the server: ', call.signal)) ?? ''
    if (!isAddress(issuer))
      throw new UsageError(
        'ISSUER is the address of the server, such as https://login.example.com. Write registrant init ISSUER --application NAME.',
      )
    const application = call.text('application') ?? (await ask('Name of the application: ', call.signal)) ?? ''
    if (application === '')
      throw new UsageError('Name the application with --application NAME; choose it once, for ever.')
    const path = pathFor(call)
    const metadata = call.text('metadata')
    const content = metadata === undefined ? undefined : await objectIn(metadata, call.signal)
    const allowHttp = call.text('allow-http')?.split(',')
    const allowed = allowHttp ?? originsIn(call.env[variableOf('allowHttp')])
    const server = await new RegistrationClient({ issuer, allowHttp: allowed }).discover({ signal: call.signal })
    const declared = metadata === undefined || metadata === '-' ? content : seenFrom(dirname(path), metadata)
    const config = configOf(call, server, path, { application, metadata: declared ?? plain(server), allowHttp })
    const profile = profileOf(await judge(call, path, config))
    if (isThere(path)) await confirm(call, `${path} will be overwritten.`)
    await write(path, `${JSON.stringify(config, undefined, 2)}\n`)
    const registers = registrationEndpoint(server, profile)
    const next = whatIsLeft(call, registers, path)
    return { lines: [...offered(server, registers), `✓ wrote ${path}`, ...next], json: { path, config, next } }
  },
}

/** The path that the file is written to; the commands that follow read it there. */
function pathFor(call: Call): string {
  const named = call.text('config') ?? (call.env[variableOf('config')] || undefined)
  const path = named ?? 'registrant.config.json'
  if (!path.endsWith('.json')) throw new UsageError(`${path} would hold JSON. Name a file that ends with .json.`)
  const other = named === undefined ? configNames.find((name) => name !== path && isThere(name)) : undefined
  if (other !== undefined)
    throw new UsageError(
      `${other} is there, and only one configuration file is read. Remove it, or name another with --config.`,
    )
  return path
}

/**
 * Checks the content before it is written, with the code that will read the file: so no secret is written, and nothing that
 * the next command refuses. Returns what that command will read.
 *
 * @throws {ConfigurationError} the content has a mistake
 */
async function judge(call: Call, path: string, config: object): Promise<Members> {
  const written = new Set(Object.entries(config).flatMap(([member, value]) => (value === undefined ? [] : [member])))
  // Variables of the members that the file sets are left out: they may be gone when it is read. The secret comes later.
  const own = [...written].flatMap((member) => [variableOf(member), variableOf(`${member}File`)])
  const others = Object.entries(call.env).filter(([name]) => !own.includes(name))
  const env: Record<string, string | undefined> = Object.fromEntries(others)
  const secret = variableOf('clientSecret')
  if (written.has('clientId') && !env[`${secret}_FILE`]) env[secret] ||= 'given later'
  try {
    const configured = readConfiguration(env, { config: { path, by: '--config', toSay: config } })
    const { members, metadata = {} } = await whileWaited(configured, call.signal)
    const wrong = checkRequest(metadata, profileOf(members)).filter(({ level }) => level === 'MUST')
    if (wrong.length > 0) throw new InvalidRequestError(wrong.map((it) => ({ ...it, member: `metadata.${it.member}` })))
    return members
  } catch (error) {
    throw error instanceof InvalidRequestError ? new ConfigurationError(error.findings) : error
  }
}

/** Paths of a configuration file start where it lies, and those of a call in the current folder. */
function seenFrom(folder: string, path: string): string {
  if (isAbsolute(path)) return path
  const seen = relative(folder, path).replaceAll(sep, '/')
  return seen.startsWith('../') ? seen : `./${seen}`
}

/** The address of a store, with the path of a folder as the configuration file sees it. */
function storeSeenFrom(folder: string, address: string): string {
  const [, path] = /^file:(?!\/)(.+)$/s.exec(address) ?? []
  return path === undefined ? address : `file:${seenFrom(folder, path)}`
}

/**
 * Writes a file whole, or leaves it as it was: the content is written beside it first, where a full disk does no harm.
 *
 * @throws {UsageError} the file can't be written
 */
async function write(path: string, content: string): Promise<void> {
  let made: string | undefined
  try {
    // A symbolic link stays, and the file that it leads to is replaced.
    const file = await realpath(path).catch(() => path)
    const before = await stat(file).catch(() => undefined)
    if (before?.isFile() === false) throw new UsageError(`${path} is no regular file. Name another one with --config.`)
    made = join(dirname(file), `.registrant-${crypto.randomUUID()}.temp`)
    // The new file has the permissions of the old one, so nobody else can read it.
    await writeFile(made, content, { flag: 'wx', flush: true, mode: (before?.mode ?? 0o666) & 0o777 })
    await rename(made, file)
  } catch (error) {
    if (made !== undefined) await rm(made, { force: true })
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${path} can not be written (${codeOf(error)}), and is as it was. Mend that, or name another file with --config.`,
    )
  }
}

/** The metadata of a client that asks for tokens for itself. */
function plain({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): object {
  const known = ['client_secret_basic', 'client_secret_post']
  const isSaid = Array.isArray(methods) && methods.length > 0
  const method = isSaid ? known.find((it) => methods.includes(it)) : 'client_secret_basic'
  if (method === undefined)
    throw new UsageError('The server lets no client prove itself by a secret. Say with --metadata what is registered.')
  return {
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: method,
  }
}

function configOf(call: Call, server: AuthorizationServer, path: string, more: object): object {
  const clientId = call.text('client-id')
  const store = call.text('store')
  return {
    $schema: seenFrom(dirname(path), './node_modules/@registrant/node/dist/schema/config.json'),
    issuer: server.issuer,
    ...more,
    store: store === undefined ? 'file:./registration' : storeSeenFrom(dirname(path), store),
    clientId,
    scope: call.text('scope'),
    profile: call.text('profile'),
  }
}

/** What the server says of itself that matters for a registration. */
function offered(server: AuthorizationServer, registers: string | undefined): string[] {
  const list = (value: unknown): string | undefined => (Array.isArray(value) ? shown(value.join(' ')) : undefined)
  return rows([
    ['issuer', shown(server.issuer)],
    ['registers at', registers === undefined ? 'nowhere: it names no registration_endpoint' : shown(registers)],
    ['grants', list(server['grant_types_supported'])],
    ['authentication', list(server['token_endpoint_auth_methods_supported'])],
    ['scopes', list(server['scopes_supported'])],
  ])
}

function whatIsLeft(call: Call, registers: string | undefined, path: string): string[] {
  const clientId = call.text('client-id')
  const payer =
    clientId === undefined
      ? 'If the server wants a token for registering: put it into REGISTRANT_INITIAL_ACCESS_TOKEN, or name a client with --client-id.'
      : `Put the secret of ${shown(clientId)} into REGISTRANT_CLIENT_SECRET, or its file's path into REGISTRANT_CLIENT_SECRET_FILE.`
  const closed = registers === undefined ? ['! Ask the operator of the server to switch registration on.'] : []
  const named = call.text('config') === undefined ? '' : ` --config ${asWord(path)}`
  const next = `registrant doctor${named}, and registrant ensure${named} --dry-run`
  return [...closed, payer, `Look through ${path}, then: ${next}`]
}

/** A text quoted as one word of a shell. */
const asWord = (it: string): string => (/^[\w./:\\-]+$/.test(it) ? it : `'${it.replaceAll("'", "'\\''")}'`)
