import { gzipSync } from 'node:zlib'

import type { Line } from '../fault-proxy.ts'
import { head, sendWhole } from '../fault-proxy.ts'
import { bodied } from './connection.ts'
import type { Effect, KnownFault } from './effect.ts'

const json = { 'content-type': 'application/json' }

/** Lets the server act and sends something else than its answer. */
const instead = (name: string, effect: Effect, ...parts: (string | Uint8Array)[]): KnownFault => ({
  name,
  effect,
  play: async (line) => {
    await line.forward()
    for (const part of parts) await line.send(part)
    line.end()
  },
})

/** Sends the answer in a frame of another making. */
const framed = (
  name: string,
  effect: Effect,
  send: (line: Line, body: Buffer, status: number) => Promise<void>,
): KnownFault => ({
  name,
  effect,
  play: async (line) => {
    const { body, status } = await bodied(line)
    await send(line, body, status)
    line.end()
  },
})

/** Sends bytes without an end, until the other side takes no more. */
async function pour(line: Line, chunk: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times && (await line.idle(0)); sent++) await line.send(chunk)
}

const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '))

/** What a server, a proxy or an attacker can do to the frame in which an answer comes. */
export const framingFaults: readonly KnownFault[] = [
  instead('garbage instead of HTTP', 'lost', Buffer.from([0, 255, 22, 3, 1, 2, 0, 10, 13, 10, 13, 10])),
  instead('a TLS alert instead of HTTP', 'lost', Buffer.from([21, 3, 3, 0, 2, 2, 40])),
  instead('a version that does not exist', 'lost', 'HTTP/9.7 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  instead('a status that is no number', 'lost', 'HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}'),
  instead('a NUL in a header', 'lost', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\n{}'),
  instead('a header of 200 KiB', 'lost', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200 * 1024)}\r\n\r\n`),
  instead('2,500 headers', 'lost', `HTTP/1.1 200 OK\r\n${'x-many: y\r\n'.repeat(2500)}content-length: 2\r\n\r\n{}`),
  instead('a length that is no number', 'lost', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}'),
  instead('two lengths that differ', 'lost', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
  instead(
    'length and chunks at once',
    'lost',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  ),
  instead(
    'switches to another protocol',
    'lost',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  ),
  instead('only an interim answer', 'lost', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
  framed('interim answers before the real one', 'none', async (line, body, status) => {
    await line.send('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(3))
    await sendWhole(line, { status, headers: json, body })
  }),
  framed('a length that is too long', 'cut-off', async (line, body, status) => {
    await line.send(head(status, { ...json, 'content-length': body.length + 10 }))
    await line.send(body)
  }),
  framed('a length that is too short', 'unreadable', async (line, body, status) => {
    await line.send(head(status, { ...json, 'content-length': body.length - 2 }))
    await line.send(body.subarray(0, -2))
  }),
  framed('no length, the end of the connection is the end', 'none', async (line, body, status) => {
    await line.send(head(status, json))
    await line.send(body)
  }),
  framed('a chunk of no size', 'cut-off', async (line, body, status) => {
    await line.send(head(status, { ...json, 'transfer-encoding': 'chunked' }))
    await line.send(chunk(body.subarray(0, 8)))
    await line.settle()
    await line.send('zz\r\nxx\r\n')
  }),
  framed('chunks without the last one', 'cut-off', async (line, body, status) => {
    await line.send(head(status, { ...json, 'transfer-encoding': 'chunked' }))
    await line.send(chunk(body))
  }),
  framed('chunks of one byte, and characters torn apart', 'none', async (line, body, status) => {
    await line.send(head(status, { ...json, 'transfer-encoding': 'chunked' }))
    await line.send(Buffer.concat([...body].map((byte) => chunk(Uint8Array.of(byte)))))
    await line.send('0\r\n\r\n')
  }),
  framed('compressed, as it says', 'none', async (line, body, status) =>
    sendWhole(line, { status, headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(body) }),
  ),
  framed('not compressed, as it claims to be', 'cut-off', async (line, body, status) =>
    sendWhole(line, { status, headers: { ...json, 'content-encoding': 'gzip' }, body }),
  ),
  // Node's decompression takes a stream that ends early for a short one.
  framed('compressed, and cut off', 'unreadable', async (line, body, status) => {
    const zipped = gzipSync(body)
    await sendWhole(line, {
      status,
      headers: { ...json, 'content-encoding': 'gzip' },
      body: zipped.subarray(0, zipped.length >> 1),
    })
  }),
  framed('20 MiB of blanks in 20 KiB', 'too-long', async (line, _, status) =>
    sendWhole(line, { status, headers: { ...json, 'content-encoding': 'gzip' }, body: bomb }),
  ),
  framed('a body of 32 MiB', 'too-long', async (line, _, status) => {
    await line.send(head(status, { ...json, 'content-length': 512 * 65_536 }))
    await pour(line, Buffer.alloc(65_536, ' '), 512)
  }),
  framed('a body without an end', 'too-long', async (line, _, status) => {
    await line.send(head(status, { ...json, 'transfer-encoding': 'chunked' }))
    await pour(line, chunk(Buffer.alloc(65_536, '{')), 512)
  }),
]
