import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns'
import type { LookupFunction } from 'node:net'

import { InvalidRequestError, RegistrationClient } from '@registrant/node'
import { publicNetworkOnly } from '@registrant/node/public-network'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'
import * as undici from 'undici'

import { failure } from '../support/failure.ts'

/** A name server whose answers change, as that of an attacker does: the last one stands. */
async function startNameServer(addresses: string[]) {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5
    const isIpv4 = query.readUInt16BE(end - 4) === 1
    const said = (addresses.length > 1 && isIpv4 ? addresses.shift() : addresses[0]) ?? ''
    if (isIpv4) asked.push(said)
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180, 2)
    header.writeUInt16BE(isIpv4 ? 1 : 0, 6)
    header.fill(0, 8)
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...said.split('.').map(Number)])
    socket.send(Buffer.concat([header, query.subarray(12, end), ...(isIpv4 ? [record] : [])]), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  const lookup: LookupFunction = (name, _, callback) =>
    resolver.resolve4(name, (error, found: string[] | undefined) =>
      callback(
        error,
        (found ?? []).map((address) => ({ address, family: 4 })),
      ),
    )
  return { asked, lookup, [Symbol.asyncDispose]: async () => void socket.close() }
}

/** Registers at a name that this lookup resolves, over plain http so that no certificate is what refuses it. */
function registerAt(host: string, port: string, lookup?: LookupFunction): Promise<unknown> {
  const issuer = new URL(`http://${host}:${port}`).origin
  const fetch = publicNetworkOnly(undici, { lookup })
  const client = new RegistrationClient({ issuer, allowHttp: [issuer], fetch, timeout: 4000 })
  return client.register({ redirect_uris: ['https://app.example/callback'] })
}

const portOf = (url: string): string => new URL(url).port

describe('publicNetworkOnly', () => {
  test('refuses a server that a name leads to on this machine, and says which address it is', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using names = await startNameServer(['127.0.0.1'])
    const error = await failure(registerAt('internal.example', portOf(server.url), names.lookup))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(error.message).toContain('internal.example is at 127.0.0.1')
    expect(error.message).toContain('publicNetworkOnly')
    expect(server.requests).toEqual([])
  })

  test('is not deceived by a name that is public when it is looked at and leads to this machine when it is dialled', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using names = await startNameServer(['1.1.1.1', '127.0.0.1'])
    await failure(registerAt('rebinding.example', portOf(server.url), names.lookup))
    await failure(registerAt('rebinding.example', portOf(server.url), names.lookup))
    expect(names.asked[0]).toBe('1.1.1.1')
    expect(names.asked).toContain('127.0.0.1')
    expect(server.requests).toEqual([])
  })

  test('refuses a name as soon as one of its addresses is not public', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const both = ['1.1.1.1', '10.0.0.1'].map((address) => ({ address, family: 4 }))
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, both)
    const error = await failure(registerAt('mixed.example', portOf(server.url), lookup))
    expect(error.message).toContain('mixed.example is at 10.0.0.1')
  })

  test.for([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[2002:7f00:1::]',
    '[2001:db8::1]',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '0.0.0.0',
    // The same machine, spelled as a URL may spell it.
    '2130706433',
    '0x7f.1',
  ])('does not dial %s', async (host) => {
    await using server = await startScriptedServer({}, { open: true })
    const error = await failure(registerAt(host, portOf(server.url)))
    expect(error.outcome).toBe('not-sent')
    expect(error.message).toContain('no address of the public network')
    expect(server.requests).toEqual([])
  })

  test('asks a public address, and hands on what came back', async () => {
    await using server = await startScriptedServer({}, { open: true })
    // No public address is at hand, so the connection to one is led to the server here.
    const dialled: string[] = []
    const led: typeof undici = {
      ...undici,
      buildConnector: (options = {}) => {
        const lookup = 'lookup' in options ? options.lookup : undefined
        const connect = undici.buildConnector({})
        return (dial, callback) =>
          lookup?.(dial.hostname, { all: true }, (error, found) => {
            if (error) return callback(error, null)
            dialled.push(JSON.stringify(found))
            return connect({ ...dial, hostname: '127.0.0.1' }, callback)
          })
      },
    }
    const issuer = `http://public.example:${portOf(server.url)}`
    server.script({ discovery: { body: { issuer, registration_endpoint: `${issuer}/register` } } })
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, [{ address: '1.1.1.1', family: 4 }])
    const client = new RegistrationClient({ issuer, allowHttp: [issuer], fetch: publicNetworkOnly(led, { lookup }) })
    const { client_id } = await client.register({ redirect_uris: ['https://app.example/callback'] })
    expect(server.clientIds()).toEqual([client_id])
    expect(dialled[0]).toContain('1.1.1.1')
    expect(server.requestsTo('register')[0]?.headers['content-length']).toBeDefined()
  })
})

test('what is not undici is refused by its name', () => {
  for (const wrong of [undefined, {}, { fetch }])
    expect(() => Reflect.apply(publicNetworkOnly, undefined, [wrong])).toThrow(InvalidRequestError)
  expect(() => Reflect.apply(publicNetworkOnly, undefined, [undici, { lookup: 'x' }])).toThrow('lookup')
})
