import type { AuthorizationServer } from '@registrant/core'

import type { JsonObject } from './json.ts'
import { literal } from './literal.ts'
import type { Judgement } from './judge.ts'
import { tokenName } from './request.ts'
import type { State } from './state.ts'

/** Where the code runs. */
export type Place = 'node' | 'page' | 'library'

/** The code that registers this client with our packages. */
export function codeFor(place: Place, state: State, { metadata, known }: Judgement): string {
  const said: JsonObject = { ...metadata }
  if (place === 'library') return libraryCode(state, said, known.server)
  const isNode = place === 'node'
  const from = `@registrant/${isNode ? 'node' : 'browser'}`
  const store = isNode ? 'fileStore' : 'indexedDbStore'
  const token = isNode
    ? [`accessToken: process.env['${tokenName}'] ?? '',`]
    : [
        '// From a server of yours: what stands in a page, everybody can read.',
        'async accessToken({ signal }) {',
        "  const response = await fetch('/registration-token', { method: 'POST', signal })",
        '  if (!response.ok) throw new Error(`There is no token: ${response.status}`)',
        '  return response.text()',
        '},',
      ]
  const options = [
    `issuer: ${literal(known.server.issuer)},`,
    ...(state.token === '' ? [] : token),
    `application: 'my-app',`,
    `metadata: ${literal(said, 1)},`,
    `store: ${isNode ? "fileStore('/var/lib/my-app')" : 'indexedDbStore()'},`,
    ...(state.profile === '' ? [] : [`profile: ${state.profile},`]),
  ]
  return [
    `import { ${store}, RegistrationManager } from '${from}'`,
    ...profileImport(state, from),
    '',
    'const manager = new RegistrationManager({',
    ...options.map((line) => `  ${line}`),
    '})',
    'const { client_id } = await manager.ensure()',
    '',
  ].join('\n')
}

const profileImport = ({ profile }: State, from: string): string[] =>
  profile === '' ? [] : [`import { ${profile} } from '${from}/profiles'`]

/** Requests and answers as pure functions, for who brings the HTTP. */
function libraryCode(state: State, metadata: JsonObject, server: AuthorizationServer): string {
  const { issuer, registration_endpoint } = server
  const hasProfile = state.profile !== ''
  const options = [
    ...(state.token === '' ? [] : [`accessToken: process.env['${tokenName}'] ?? ''`]),
    ...(hasProfile ? [`profile: ${state.profile}`] : []),
  ]
  const besides = options.length === 0 ? '' : `, { ${options.join(', ')} }`
  return [
    `import { readRegistration, registrationRequest } from '@registrant/core/exchange'`,
    ...profileImport(state, '@registrant/core'),
    '',
    `const server = ${literal({ issuer, registration_endpoint })}`,
    `const sent = ${literal(metadata)} as const`,
    `const request = registrationRequest(server, sent${besides})`,
    'const { url, method, headers, body = null } = request',
    `const answer = await fetch(url, { method, headers, body, redirect: 'manual' })`,
    'const told = { status: answer.status, headers: answer.headers, body: await answer.text() }',
    `const { value, deviations } = readRegistration(told, { request, server, sent${hasProfile ? `, profile: ${state.profile}` : ''} })`,
    '',
  ].join('\n')
}
