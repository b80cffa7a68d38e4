import { exampleNamed } from './examples.ts'
import { withoutSecrets } from './secrets.ts'

/** Everything that the page was told, as texts. */
export interface State {
  /** The example that it started from. */
  example: string
  tab: 'registration' | 'document'
  /** What the client asks to be registered with. */
  metadata: string
  /** What the server says of itself; empty where nothing is known of it. */
  server: string
  /** The export of `@registrant/core/profiles`; empty for none. */
  profile: string
  /** Whether the rules of the Model Context Protocol are looked at too: `yes`, or empty. */
  mcp: string
  /** Whether an initial access token is sent: `yes`, or empty. Which one is never asked. */
  token: string
  /** An answer of the registration endpoint: the whole of it, or its body alone. */
  answer: string
  /** The status of the answer, where its text does not say it. */
  status: string
  /** The address of the client ID metadata document. */
  url: string
  /** The client ID metadata document. */
  document: string
}

/** The members that hold a text of the user's own. */
const texts = new Set<keyof State>(['metadata', 'server', 'answer', 'url', 'document'])

const names = [
  'tab',
  'metadata',
  'server',
  'profile',
  'mcp',
  'token',
  'answer',
  'status',
  'url',
  'document',
] as const satisfies readonly (keyof State)[]

/** The state that an address holds: its example, and what differs from it. What it does not know is passed over. */
export function stateOf(hash: string): State {
  const said = new URLSearchParams(hash.replace(/^#/, ''))
  const state = exampleNamed(said.get('example') ?? '')
  for (const name of names) {
    const value = said.get(name)
    if (value === null) continue
    if (name === 'tab') state.tab = value === 'document' ? 'document' : 'registration'
    else state[name] = value
  }
  return state
}

/** What an address says of a state: its example, and what differs from it. */
export interface Shared {
  /** Without the `#`; empty for the first example as it is. */
  hash: string
  /** How many secrets were left out. */
  leftOut: number
}

/** Says a state so that it can be sent to somebody else: no secret is in it. */
export function share(state: State): Shared {
  const said = new URLSearchParams()
  const example = exampleNamed(state.example)
  const first = exampleNamed('')
  let leftOut = 0
  if (state.example !== first.example) said.set('example', state.example)
  for (const name of names) {
    if (state[name] === example[name]) continue
    const safe = texts.has(name) ? withoutSecrets(state[name]) : { text: state[name], leftOut: 0 }
    leftOut += safe.leftOut
    said.set(name, safe.text)
  }
  return { hash: said.toString(), leftOut }
}
