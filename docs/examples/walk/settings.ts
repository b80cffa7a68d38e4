import { parseArgs } from 'node:util'

/** A sentence for the person at the terminal: what is wrong, and what to do. */
export class Advice extends Error {}

/** What the command line asks for. */
export interface Settings {
  /** The server to register with; `undefined`: one that the walk starts itself. */
  issuer: string | undefined
  /** Who pays for the registration; `undefined`: nobody, registration is open. */
  clientId: string | undefined
  scope: string
  authentication: 'client_secret_post' | 'client_secret_basic'
  profile: 'simpleIdServer' | undefined
}

export const help = `Walks through a registration: token, register, read, update, delete.

  npm start                                     against a server that runs inside the walk
  npm start -- --issuer URL --client-id ID      against yours

  --issuer URL           your server, spelled as it spells itself
  --client-id ID         the client that may register others; its secret is taken from
                         REGISTRANT_CLIENT_SECRET, or else from standard input.
                         Leave it out where everybody may register
  --scope SCOPE          what to ask the token for (default: register)
  --authentication HOW   client_secret_post (default) or client_secret_basic
  --profile NAME         simpleIdServer, where your server is one;
                         without --issuer the walk starts an emulator of it
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
  const { issuer, 'client-id': clientId, scope = 'register', authentication = 'client_secret_post', profile } = values
  if (issuer !== undefined && !URL.canParse(issuer))
    throw new Advice(`${issuer} is no address: --issuer takes one like https://login.example.com/master.`)
  if (issuer === undefined && clientId !== undefined)
    throw new Advice('--client-id names a client at your own server: say which with --issuer.')
  if (authentication !== 'client_secret_post' && authentication !== 'client_secret_basic')
    throw new Advice('--authentication takes client_secret_post or client_secret_basic.')
  if (profile !== undefined && profile !== 'simpleIdServer')
    throw new Advice(`There is no profile ${profile}: --profile takes simpleIdServer, other servers need none.`)
  return { issuer, clientId, scope, authentication, profile }
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
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Advice(`${error instanceof Error ? error.message : String(error)}. --help shows what there is.`)
  }
}
