import { describe, expect, test } from 'vitest'

import { startSimpleIdServer } from '../index.ts'
import type { SimpleIdServer } from '../index.ts'
import { askForToken } from '../speak.ts'
import { comparable, recordedJson, recordedVectors, whole } from './vectors.ts'
import type { Exchange } from './vectors.ts'

const versions = { rc1: '4.0.4-rc1', head: '7.0.0-rc2' } as const

for (const version of ['rc1', 'head'] as const)
  for (const realms of [false, true])
    describe(`as ${versions[version]} was recorded, ${realms ? 'with' : 'without'} realms`, async () => {
      const page = await recordedJson(`response-${version}.json`)
      for (const { vector, says, exchanges } of await recordedVectors(version))
        test(`${vector}: ${says}`, async () => {
          await using server = await startSimpleIdServer({ version, realms })
          const play = await player(server)
          for (const exchange of exchanges) {
            const got = await play(exchange)
            const want = exchange.answer ?? exchange.answers?.[realms ? 'realms' : 'plain']
            if (want === undefined) expect(got.status).toBe(201)
            else expect(got).toEqual(whole(want, page))
          }
        })
    })

test.each(['rc1', 'head'] as const)(
  'the members of an answer of %s are in the order of the real one',
  async (version) => {
    await using server = await startSimpleIdServer({ version })
    const play = await player(server)
    const [, , , registration] = await recordedVectors(version)
    const answer = registration?.exchanges[0] && (await play(registration.exchanges[0]))
    expect(Object.keys(Object(answer?.body))).toEqual(
      Object.keys(Object(await recordedJson(`response-${version}.json`))),
    )
  },
)

/** Plays exchanges one after the other: `{...}` in a request is a token, or a member of the client last registered. */
async function player(server: SimpleIdServer): Promise<(exchange: Exchange) => Promise<ReturnType<typeof comparable>>> {
  const known = new Map<string, string>()
  for (const [name, scope] of [['token', 'register'] as const, ['users token', 'users'] as const]) {
    const { body } = await askForToken(server.issuer, { clientId: 'managementClient', clientSecret: 'password', scope })
    known.set(name, String(body['access_token']))
  }
  const filled = (text: string): string =>
    text.replace(/\{([a-z_ ]+)\}/g, (placeholder, name: string) => known.get(name) ?? placeholder)

  return async ({ request: { method, path, bare = false, headers = {}, body } }) => {
    const url = path.startsWith('/') ? `${bare ? server.url : server.issuer}${filled(path)}` : filled(path)
    const response = await fetch(url, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, filled(value)]),
      body: body === undefined ? null : filled(body),
    })
    const text = await response.text()
    if (response.status === 201)
      for (const [name, value] of Object.entries(Object(JSON.parse(text))))
        if (typeof value === 'string') known.set(name, value)
    return comparable(response.status, response.headers, text)
  }
}
