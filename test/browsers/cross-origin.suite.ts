import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { listen } from '../servers/test-server.ts'
import { call } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'

const message = (visited: unknown): unknown => Reflect.get(Object(Reflect.get(Object(visited), 'error')), 'message')

export function crossOrigin(bench: () => Bench): void {
  describe('a server that allows no other origin (CORS)', () => {
    test('is named, with the header that its metadata lack, and is asked without a preflight', async () => {
      await using server = await startScriptedServer({}, { open: true })
      const tab = await open(bench().browser, bench().lab)
      const profile = { name: 'Example', cors: 'Example allows the origins that its file origins.txt lists.' }
      const said = message(await tab.evaluate(call('lab.visit', { issuer: server.issuer, profile })))
      expect(said).toContain(`${server.issuer}/.well-known/`)
      expect(said).toContain('(CORS)')
      expect(said).toContain(`"Access-Control-Allow-Origin: ${bench().lab.origin}"`)
      expect(said).not.toContain('OPTIONS')
      expect(said).toContain(profile.cors)
      expect(new Set(server.requests.map(({ method }) => method))).toEqual(new Set(['GET']))
      await tab.close()
    })

    test('is told what to answer before a registration, which is never sent', async () => {
      await using server = await startScriptedServer({}, { open: true })
      const tab = await open(bench().browser, bench().lab)
      const metadata = { issuer: server.issuer, registration_endpoint: `${server.issuer}/register` }
      const said = message(await tab.evaluate(call('lab.visit', { issuer: server.issuer, server: metadata })))
      expect(said).toContain(`POST ${server.issuer}/register`)
      expect(said).toContain('Access-Control-Allow-Headers: authorization, content-type')
      expect(said).toContain('Nothing was sent.')
      expect(server.requests.map(({ method }) => method)).not.toContain('POST')
      await tab.close()
    })

    test('may be repaired: a page that was kept back three times works at once, and nothing is left of it', async () => {
      await using server = await startServerOfPages()
      const tab = await open(bench().browser, bench().lab)
      const visit = async (): Promise<unknown> =>
        tab.evaluate(call('lab.visit', { issuer: server.url, server: server.metadata }))
      for (let times = 0; times < 3; times++)
        expect(await visit()).toMatchObject({ error: { code: 'transport', outcome: 'not-sent' } })
      expect(server.posts).toBe(0)
      server.permits = server.lets = true
      const visited = await visit()
      expect(visited).toMatchObject({ client_id: 'client-1' })
      expect(JSON.stringify(visited)).not.toContain('orphan')
      await tab.close()
    })

    test('is asked a bounded number of times where it permits the request, and not to read the answer', async () => {
      await using server = await startServerOfPages()
      server.permits = true
      const tab = await open(bench().browser, bench().lab)
      const visited: unknown[] = []
      for (let times = 0; times < 14; times++)
        visited.push(await tab.evaluate(call('lab.visit', { issuer: server.url, server: server.metadata })))
      expect(message(visited[0])).toContain('(CORS)')
      expect(visited.at(-1)).toMatchObject({ error: { code: 'attempts-spent' } })
      expect(server.posts).toBe(12)
      await tab.close()
    })
  })

  test('metadata are found although the first place answers 404 and allows no other origin', async () => {
    const elsewhere = { 'access-control-allow-origin': 'https://elsewhere.example' }
    const discovery = [{ status: 404, headers: elsewhere }]
    await using server = await startScriptedServer({ discovery }, { open: true, cors: true })
    const tab = await open(bench().browser, bench().lab)
    const visited = await tab.evaluate(call('lab.visit', { issuer: server.issuer }))
    expect(visited).toMatchObject({ client_id: server.clientIds()[0] })
    await tab.close()
  })
}

/** A server of which a page may ask what it is allowed: `permits` a request, and `lets` the answer be read. */
async function startServerOfPages() {
  const state = { permits: false, lets: false, posts: 0 }
  const { url, close } = await listen((request, response) => {
    const isAsked = request.method === 'OPTIONS'
    const isPost = request.method === 'POST'
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type',
    }
    if (isPost) state.posts++
    request.resume().on('end', () => {
      const allowed = isAsked ? state.permits : state.lets && isPost
      response.writeHead(isAsked ? 204 : isPost ? 201 : 404, {
        ...(isPost ? { 'content-type': 'application/json' } : {}),
        ...(allowed ? headers : {}),
      })
      response.end(isPost ? JSON.stringify({ client_id: `client-${state.posts}` }) : '')
    })
  })
  const metadata = { issuer: url, registration_endpoint: `${url}/register` }
  return Object.assign(state, { url, metadata, [Symbol.asyncDispose]: close })
}
