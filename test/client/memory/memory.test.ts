import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'

import { expect, test } from 'vitest'

const mebibyte = 1024 * 1024
const program = fileURLToPath(new URL('program.ts', import.meta.url))

/** A server on a plain socket, so that what it could write is known to the byte. */
async function listen(
  answer: (socket: Socket) => Promise<void>,
): Promise<AsyncDisposable & { url: string; written(): number }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => void answer(socket).catch(() => undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/register`,
    written: () => sockets.reduce((sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength, 0),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const headOf = (...headers: string[]): string =>
  `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n${headers.join('\r\n')}\r\n\r\n`

/** Writes as long as somebody reads. */
async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed) throw new Error('nobody is there')
  if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
}

async function bombOf(size: number): Promise<Buffer> {
  const gzip = createGzip()
  const packed: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => packed.push(chunk))
  for (let sent = 0; sent < size; sent += mebibyte)
    if (!gzip.write(Buffer.alloc(mebibyte, ' '))) await once(gzip, 'drain')
  gzip.end()
  await once(gzip, 'end')
  return Buffer.concat(packed)
}

async function registerWith(bad: string): Promise<{ warm: string; outcome: string; grown: number; peak: number }> {
  await using good = await listen(async (socket) => {
    const body = '{"client_id":"c"}'
    await write(socket, Buffer.from(headOf(`content-length: ${body.length}`) + body))
  })
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, good.url, bad])
  return JSON.parse(stdout)
}

test('an answer of 200 MB is refused after its first 256 KiB, and leaves nothing in the memory', async () => {
  await using huge = await listen(async (socket) => {
    await write(socket, Buffer.from(headOf(`content-length: ${200 * mebibyte}`)))
    for (let sent = 0; sent < 200; sent++) await write(socket, Buffer.alloc(mebibyte, ' '))
  })
  const { warm, outcome, grown, peak } = await registerWith(huge.url)
  console.log(`200 MB answer: ${grown} bytes left, peak +${peak}, the server wrote ${huge.written()}`)
  expect(warm).toBe('registered')
  expect(outcome).toContain('is longer than 256 KiB')
  expect(grown).toBeLessThanOrEqual(mebibyte)
  expect(huge.written()).toBeLessThanOrEqual(8 * mebibyte)
})

test('100 MB packed into 100 kB are refused after their first 256 KiB, and leave nothing in the memory', async () => {
  const packed = await bombOf(100 * mebibyte)
  await using bomb = await listen(async (socket) => {
    await write(socket, Buffer.from(headOf('content-encoding: gzip', `content-length: ${packed.length}`)))
    await write(socket, packed)
  })
  const { warm, outcome, grown, peak } = await registerWith(bomb.url)
  console.log(`gzip bomb of 100 MB: ${grown} bytes left, peak +${peak}, the server wrote ${bomb.written()}`)
  expect(warm).toBe('registered')
  expect(outcome).toContain('is longer than 256 KiB')
  expect(grown).toBeLessThanOrEqual(mebibyte)
  expect(bomb.written()).toBeLessThanOrEqual(8 * mebibyte)
})
