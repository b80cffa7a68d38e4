// Makes the pages of docs/servers: from the profiles, from what their servers were seen to do, and from the last runs of the real
// ones. `node test/servers/pages.ts` writes them; a test compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { ServerProfile } from '@registrant/node'

import { described } from '../profiles/behaviours/index.ts'
import { needs } from './needs.ts'
import type { Result } from './real/table.ts'
import { steps } from './real/walk.ts'
import type { Step } from './real/server.ts'

const folder = join(import.meta.dirname, '../../docs/servers')

const columns: Readonly<Record<Step, string>> = {
  register: 'register',
  read: 'read',
  update: 'update',
  delete: 'delete',
  drift: 'a changed declaration',
  known: 'refused by mistake',
  forgotten: 'forgotten by the server',
  secret: 'another secret made by an operator',
  processes: 'two processes at once',
}

/** Each page by the name of its file. */
export function pages(): Record<string, string> {
  const results: Result[] = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  const made = Object.entries(described).map(([name, it]) => {
    const ran = results.filter((result) => needs[name]?.runs.includes(result.name))
    return [`${fileOf(name)}.md`, page(name, it, ran)] as const
  })
  return { 'README.md': overview(results), ...Object.fromEntries(made) }
}

type Described = (typeof described)[string]

const fileOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function page(name: string, { profile, behaviour }: Described, ran: readonly Result[]): string {
  const method = behaviour.takes.token_endpoint_auth_method ?? 'client_secret_basic'
  const { refuses = {}, warns = {}, cannot = {}, advice = [] } = profile
  const list = (entries: Record<string, string>): string[] =>
    Object.entries(entries).map(([member, sentence]) => `- \`${member}\`: ${sentence}`)
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`## ${title}`, '', ...lines, '']
  return [
    `# ${profile.name}`,
    '',
    `${needs[name]?.text ?? ''} ${behaviour.seen} What stands here is made from the profile \`${name}\` and from those runs.`,
    '',
    '```ts',
    "import { memoryStore, RegistrationManager } from '@registrant/node'",
    `import { ${name} } from '@registrant/node/profiles'`,
    '',
    'export const manager = new RegistrationManager({',
    "  issuer: 'https://as.example',",
    "  application: 'orders',",
    `  metadata: { redirect_uris: ['https://orders.example/callback'], token_endpoint_auth_method: '${method}' },`,
    '  store: memoryStore(),',
    `  profile: ${name},`,
    '})',
    '```',
    '',
    ...section('What it does differently', facts(profile)),
    ...section('Refused before it is sent', list(refuses)),
    ...section('Taken, and not done as asked', list(warns)),
    ...section(
      'What it has not',
      Object.entries(cannot).map(([operation, sentence]) => `- ${operation}: ${sentence}`),
    ),
    ...section(
      'What its refusals mean',
      advice.map(
        (it) => `- ${it.operation ?? 'any request'}, ${it.status}${it.error ? ` \`${it.error}\`` : ''}: ${it.message}`,
      ),
    ),
    ...section('Pages of other origins', profile.cors === undefined ? [] : [profile.cors]),
    ...section('Members that it knows', [
      profile.accepts?.map((member) => `\`${member}\``).join(', ') ?? 'Not listed.',
    ]),
    ...section('Seen when it ran', ran.flatMap(rowOf)),
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n')
}

/** What a profile says in single members, as sentences. */
function facts(profile: ServerProfile): string[] {
  const said: readonly (readonly [boolean, string])[] = [
    [
      profile.unknownMembers === 'refused',
      'A member that it does not know is refused (400); with the profile nothing is sent.',
    ],
    [profile.unknownMembers === 'ignored', 'A member that it does not know is ignored; the profile tells of it.'],
    [
      profile.accepts !== undefined && profile.unknownMembers === undefined,
      'A member that it does not know makes it fail (500), unless it is text; with the profile nothing is sent.',
    ],
    [
      profile.aliases !== undefined,
      `It has names of its own: ${Object.entries(profile.aliases ?? {})
        .map((it) => `\`${it.join('` is `')}\``)
        .join(', ')}.`,
    ],
    [
      profile.registrationEndpoint !== undefined,
      `Where its metadata name no registration endpoint, it is \`${profile.registrationEndpoint}\`.`,
    ],
    [
      profile.managementUri !== undefined,
      `The management address that it hands out is wrong; it is \`${profile.managementUri}\`.`,
    ],
    [
      profile.derived !== undefined,
      `It works these out by itself, so an update sends them only when they are declared: ${profile.derived?.map((member) => `\`${member}\``).join(', ')}.`,
    ],
    [profile.clears === 'empty', 'An update keeps what it leaves out; what is to go is sent empty.'],
    [profile.singleUseToken === true, 'An access token does for one registration; each gets its own.'],
    [profile.bearerOnly === true, 'Its registration endpoint knows no scheme but `Bearer`.'],
    [
      profile.refusedTokenCodes !== undefined,
      `A token that does not do is also told by 400 with ${profile.refusedTokenCodes?.map((code) => `\`${code}\``).join(', ')}; another one is tried once.`,
    ],
    [profile.readSecretIsHashed === true, 'A read shows a hash in place of the secret; the one that is held stays.'],
    [
      profile.basicIsDecoded === false,
      'It does not form-decode the credentials of HTTP Basic, so they are sent as they are.',
    ],
    [profile.tokenAudience === 'token_endpoint', 'Assertions are addressed to its token endpoint.'],
    [
      profile.trustRejections === true,
      'Nothing tells a client that it forgot from one that it knows: when the application says three times, over `forgetDelay`, that its client is refused, another one is registered.',
    ],
  ]
  return said.flatMap(([holds, sentence]) => (holds ? [`- ${sentence}`] : []))
}

const signs = { right: '', own: '', wrong: 'WRONG: ', none: '' } as const

function rowOf(result: Result): string[] {
  const head = `${result.title}, ${result.version}, ${result.date} (${result.source}):`
  if ('leftOut' in result) return [`${head} left out: ${result.leftOut}`, '']
  const { row } = result
  const cells = steps.flatMap((step) => {
    const { verdict, seen } = row[step]
    return verdict === 'none' ? [] : [`- ${columns[step]}: ${signs[verdict]}${seen}`]
  })
  return [head, '', ...cells, '']
}

function overview(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const first = [`${result.title} ${result.version}`, result.date]
    if ('leftOut' in result) return [...first, `left out: ${result.leftOut}`, ...steps.slice(1).map(() => '')]
    const { row } = result
    return [...first, ...steps.map((step) => `${signs[row[step].verdict]}${row[step].seen.split(': ')[0] ?? ''}`)]
  })
  const profiles = Object.entries(described).map(([name, it]) => [
    `[${it.profile.name}](${fileOf(name)}.md)`,
    `\`${name}\``,
  ])
  return [
    '# Servers',
    '',
    'The SDK speaks the protocol as it is written. What single servers do differently is data, a _profile_, which you pass; it is',
    'never guessed. A page that passes none does not load any. [Write your own](write-your-own.md) for a server that has none.',
    '',
    ...table([['Server', 'Profile'], ...profiles]),
    '',
    '## Seen when they ran',
    '',
    '`npm run test:servers` installs the real servers into a cache folder, starts each on the loopback interface and goes through',
    'this with the SDK and the profile; `npm run test:servers -- keycloak hydra` does so with two of them.',
    '',
    ...table([['Server', 'Date', ...steps.map((step) => columns[step])], ...rows]),
    '',
    'A number is the status of the answer. _not-managed_: the server hands out no management token. _unsupported_: the profile',
    'says that the server has no such operation, so nothing is sent. _registered anew_: another client takes the place of the one',
    'that the server refuses, once that is proven; _found the new one_: a read showed the new secret. An empty cell: nobody can do',
    'that there.',
    '',
  ].join('\n')
}

/** Rows of equal width; the first is the head. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 3))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}

if (process.argv[1] === import.meta.filename)
  for (const [name, text] of Object.entries(pages())) writeFileSync(join(folder, name), text)
