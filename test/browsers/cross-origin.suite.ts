import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

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
      expect(server.requests.map(({ method }) => method)).toEqual(['OPTIONS'])
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
