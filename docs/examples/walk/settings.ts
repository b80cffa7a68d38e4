import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import type { RegistrationRequest } from '@registrant/node'
import * as profiles from '@registrant/node/profiles'

/** A sentence for the person at the terminal: what is wrong, and what to do. */
export class Advice extends Error {}

/** What the command line asks for. */
export interface Settings {
  /** The server to register with; `undefined`: one that the walk starts itself. */
  issuer: string | undefined
  /** Who pays for the registration; `undefined`: nobody, registration is open. */
  clientId: string | undefined
  /** A token that pays for it instead. */
  initialAccessToken: string | undefined
  scope: string
  authentication: 'client_secret_post' | 'client_secret_basic'
  profile: ProfileName | undefined
  /** What is registered; `undefined`: what the walk says itself. */
  metadata: RegistrationRequest | undefined
}

export type ProfileName = keyof typeof profiles

const profileNames = Object.keys(profiles)
const isProfile = (name: string): name is ProfileName => Object.hasOwn(profiles, name)

export const help = `Walks through a registration: token, register, read, update, delete.

  npm start                                     against a server that runs inside the walk
  npm start -- --issuer URL --client-id ID      against yours

  --issuer URL           your server, spelled as it spells itself
  --client-id ID         the client that may register others; its secret is taken from
                         REGISTRANT_CLIENT_SECRET, or else from standard input.
                         Leave it out where everybody may register, or where a token
                         pays that you have: put it into REGISTRANT_INITIAL_ACCESS_TOKEN
  --scope SCOPE          what to ask the token for (default: register)
  --authentication HOW   client_secret_post (default) or client_secret_basic
  --metadata FILE        what to register, as JSON (default: a client that gets tokens for itself)
  --profile NAME         what is special about your server: one of
${wrapped(profileNames)}
                         without --issuer simpleIdServer starts an emulator of that one
  --help                 this text
`

/** Reads the command line; `undefined` where it asks for help. */
export function settingsFrom(args: string[]): Settings | undefined {
  const { values } = parsed(args)
  if (values.help === true) return undefined
  if (values['client-secret'] !== undefined)
    throw new Advice(
      'A secret on the command line can be read by everybody on this machine: put it into REGISTRANT_CLIENT_SECRET, or pipe it in.',
    )
  if (values['access-token'] !== undefined)
    throw new Advice(
      'A token on the command line can be read by everybody on this machine: put it into REGISTRANT_INITIAL_ACCESS_TOKEN.',
    )
  const { issuer, 'client-id': clientId, scope = 'register', authentication = 'client_secret_post', profile } = values
  if (issuer !== undefined && !URL.canParse(issuer))
    throw new Advice(`${issuer} is no address: --issuer takes one like https://login.example.com/master.`)
  if (issuer === undefined && clientId !== undefined)
    throw new Advice('--client-id names a client at your own server: say which with --issuer.')
  if (authentication !== 'client_secret_post' && authentication !== 'client_secret_basic')
    throw new Advice('--authentication takes client_secret_post or client_secret_basic.')
  if (profile !== undefined && !isProfile(profile))
    throw new Advice(`There is no profile ${profile}: --profile takes ${profileNames.join(', ')}.`)
  if (issuer === undefined && profile !== undefined && profile !== 'simpleIdServer')
    throw new Advice(`--profile ${profile} is about a server of yours: say which with --issuer.`)
  const metadata = values.metadata === undefined ? undefined : metadataIn(values.metadata)
  const initialAccessToken = process.env['REGISTRANT_INITIAL_ACCESS_TOKEN'] || undefined
  if (initialAccessToken !== undefined && clientId !== undefined)
    throw new Advice('One thing pays: leave out --client-id, or empty REGISTRANT_INITIAL_ACCESS_TOKEN.')
  return { issuer, clientId, initialAccessToken, scope, authentication, profile, metadata }
}

/** The JSON object in a file; what it means is for the SDK to judge. */
function metadataIn(file: string): RegistrationRequest {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Advice(`--metadata: ${error instanceof Error ? error.message : String(error)}.`)
  }
  const value = parsedJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Advice(
    `--metadata: ${file} holds no JSON object, as {"redirect_uris": ["https://app.example/callback"]} is one.`,
  )
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names below each other's explanation, a few in a line. */
function wrapped(names: readonly string[]): string {
  const lines = ['']
  for (const name of names) {
    const line = lines.at(-1) ?? ''
    if (line.length + name.length > 55) lines.push(name)
    else lines[lines.length - 1] = line === '' ? name : `${line}, ${name}`
  }
  return lines.map((line) => `${' '.repeat(25)}${line}`).join(',\n')
}

function parsed(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      options: {
        issuer: text,
        'client-id': text,
        'client-secret': text,
        scope: text,
        authentication: text,
        profile: text,
        metadata: text,
        'access-token': text,
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Advice(`${error instanceof Error ? error.message : String(error)}. --help shows what there is.`)
  }
}
