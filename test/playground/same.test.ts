// What the page of the playground says, and what the SDK does: the same requests and answers are given to both.
import { RegistrationClient, RegistrationError } from '@registrant/node'
import type { RegistrationRequest, RegistrationResponse } from '@registrant/node'
import type { Finding } from '@registrant/node/checks'
import type { Deviation } from '@registrant/node/exchange'
import * as profiles from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'

import { readAnswer } from '../../docs/playground/answer.ts'
import type { ReadAnswer } from '../../docs/playground/answer.ts'
import { exampleNamed } from '../../docs/playground/examples.ts'
import { isRequest, judge } from '../../docs/playground/judge.ts'
import { buildRequest, tokenName } from '../../docs/playground/request.ts'
import type { State } from '../../docs/playground/state.ts'
import { bases } from '../checks/bases.ts'
import errors from '../data/error-answers.json' with { type: 'json' }
import shown from '../data/simple-id-server/response-page.json' with { type: 'json' }
import verdicts from '../data/verdicts.json' with { type: 'json' }
import { cases } from '../exchange/fuzz/answers.ts'

/** What a client found, sent, and made of the answer. */
interface Outcome {
  findings: Finding[]
  sent?: { method: string; path: string; headers: Record<string, string | undefined>; body: string } | undefined
  deviations: Deviation[]
  registration?: RegistrationResponse | undefined
  error?: string | undefined
}

const shownHeaders = ['accept', 'content-type', 'authorization']

/** A server, and a client that registers there with what the page is told too. */
async function bothAt(answer?: Answer) {
  const server = await startScriptedServer({}, { open: true })
  const asked = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
  const metadataOfServer = await asked.text()
  /** The answer as `curl -i` would print it. */
  let printed = ''
  const record: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    if (request[1]?.method !== 'POST') return response
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
    printed = `HTTP/1.1 ${response.status}\r\n${head}\r\n${await response.clone().text()}`
    return response
  }
  return {
    async bySdk(metadata: RegistrationRequest, profile?: State['profile']): Promise<Outcome> {
      if (answer !== undefined) server.script({ register: answer })
      const outcome: Outcome = { findings: [], deviations: [] }
      const before = server.requestsTo('register').length
      const client = new RegistrationClient({
        issuer: server.issuer,
        accessToken: tokenName,
        profile: Object.entries(profiles).find(([name]) => name === profile)?.[1],
        fetch: record,
        onEvent(event) {
          if (event.type === 'finding') outcome.findings.push(event.finding)
          if (event.type === 'deviation') outcome.deviations.push(event.deviation)
        },
      })
      try {
        outcome.registration = await client.register(metadata)
      } catch (error) {
        if (!(error instanceof RegistrationError)) throw error
        if ('findings' in error && Array.isArray(error.findings)) outcome.findings.push(...error.findings)
        outcome.error = JSON.stringify(error)
      }
      const [request] = server.requestsTo('register').slice(before)
      if (request !== undefined) {
        const { method, path, headers, body } = request
        const chosen = Object.fromEntries(shownHeaders.map((name) => [name, headers[name]?.toString()]))
        outcome.sent = { method, path, headers: chosen, body }
      }
      return outcome
    },
    byPage(metadata: object, profile = '') {
      const state: State = {
        ...exampleNamed(''),
        metadata: JSON.stringify(metadata),
        server: metadataOfServer,
        profile,
        token: 'yes',
        mcp: '',
        answer: printed,
      }
      const judgement = judge(state)
      const built = buildRequest(state, judgement)
      const request = 'request' in built ? built.request : undefined
      return { judgement, request, read: request && readAnswer(state, request, judgement) }
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

const byText = (findings: readonly Finding[]): string[] =>
  findings.map((it) => JSON.stringify(it, Object.keys(it).toSorted())).toSorted()

const requests = verdicts.map(({ base, differs }): object => ({ ...bases[base], ...differs })).filter(isRequest)

/** What is refused by the rules is not compared with the server's metadata; the page shows both at once. */
const byRules = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ source }) => !source.startsWith('metadata of'))

test.each(['', 'keycloak', 'simpleIdServer'])(
  'of 264 requests the page finds what the client finds, shows what it sends, and reads the answer (profile %j)',
  async (profile) => {
    await using both = await bothAt()
    let sent = 0
    for (const metadata of requests) {
      const sdk = await both.bySdk(metadata, profile)
      const { judgement, request, read } = both.byPage(metadata, profile)
      const { findings, isRefused } = judgement
      expect(byText(isRefused ? byRules(findings) : findings)).toEqual(byText(sdk.findings))
      expect(isRefused).toBe(sdk.sent === undefined)
      if (sdk.sent === undefined || request === undefined) continue
      sent++
      const { url, method, headers, body } = request
      expect({ method, path: new URL(url).pathname, headers, body }).toEqual(sdk.sent)
      expectSame(read, sdk)
    }
    expect(requests.length).toBeGreaterThanOrEqual(200)
    expect(sent).toBeGreaterThan(profile === 'simpleIdServer' ? 30 : 90)
  },
  60_000,
)

/** The answer is read to the same registration with the same deviations, or refused for the same reason. */
function expectSame(read: ReadAnswer | undefined, sdk: Outcome): void {
  if (read === undefined || 'problem' in read) throw new Error('Nothing is read of the answer')
  if ('error' in read) expect(JSON.stringify(read.error)).toBe(sdk.error)
  else expect([read.reading.value, read.reading.deviations]).toEqual([sdk.registration, sdk.deviations])
}

test('a client with a certificate is registered at the alias, and says so', async () => {
  const server = {
    issuer: 'https://as.example',
    registration_endpoint: 'https://as.example/register',
    mtls_endpoint_aliases: { registration_endpoint: 'https://mtls.as.example/register' },
  }
  const metadata = { redirect_uris: ['https://app.example/cb'], use_mtls_endpoint_aliases: true }
  const asked: string[] = []
  const ask: typeof fetch = async (url) => {
    asked.push(new Request(url).url)
    return Response.json({ client_id: 'c1' }, { status: 201 })
  }
  await new RegistrationClient({ server, fetch: ask }).register(metadata)
  const state = { ...exampleNamed(''), metadata: JSON.stringify(metadata), server: JSON.stringify(server) }
  const built = buildRequest(state, judge(state))
  expect(asked).toEqual(['request' in built && built.request.url])
})

/** What servers are known to answer, and what has gone wrong with answers in every way that was thought of. */
const answers: Answer[] = [
  ...errors
    .filter(({ endpoint }) => endpoint === 'register')
    .map(({ status, body, headers }) => ({ status, body, headers: { ...headers } })),
  { status: 201, body: shown },
  ...fc
    .sample(cases, { seed: 27, numRuns: 400 })
    .filter(({ status }) => status >= 200 && status < 600 && ![204, 205, 304].includes(status))
    .map(({ status, headers, body }) => ({ status, headers, body })),
]

test('of 200 answers the page shows what the client makes of them, and why it refuses the others', async () => {
  // What has gone wrong with an answer is a word where a secret belongs, and words are found everywhere.
  vi.stubEnv('REGISTRANT_CANARIES', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  let registered = 0
  let refused = 0
  for (const answer of answers) {
    await using both = await bothAt(answer)
    const metadata = { redirect_uris: ['https://app.example/cb', 'https://tmp.com'] }
    const sdk = await both.bySdk(metadata)
    expectSame(both.byPage(metadata).read, sdk)
    if (sdk.error === undefined) registered++
    else refused++
  }
  expect(registered).toBeGreaterThan(30)
  expect(refused).toBeGreaterThan(60)
  expect(registered + refused).toBeGreaterThanOrEqual(200)
}, 60_000)
