import { request as ask } from 'node:http'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the server behind the proxy answered, its addresses rewritten to the proxy's. */
export interface Answered {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** One connection, as a fault can use it. */
export interface Line {
  /** Lets the server act on the request, and returns what it answered. */
  forward(): Promise<Answered>
  /** Resolves when the bytes are on their way, or when the other side has left. */
  send(bytes: string | Uint8Array): Promise<void>
  /** Lets the other side see what was sent, before it sees what comes next. */
  settle(): Promise<void>
  /** Waits; `false` when the other side has left. */
  idle(ms: number): Promise<boolean>
  /** Breaks the connection: the other side gets an error. */
  reset(): void
  /** Closes the connection: the other side sees an end. */
  end(): void
}

/** Something that goes wrong on the way. */
export interface Fault {
  name: string
  /** When it strikes: nothing listens any more, or nothing was read from a connection yet. Default: a whole request has come. */
  at?: 'listener' | 'connection'
  play(line: Line): Promise<void> | void
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** How many connections came since the fault was armed, with a whole request or not. */
  readonly connections: number
  /** The bytes that could be written since then. */
  readonly written: number
  /** From now on every connection has this fault. */
  arm(fault: Fault): Promise<void>
}

/** Stands in front of a server on a port of its own, passes everything on, and does harm when it is told to. */
export async function startFaultProxy(server: { url: string }): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  const state: { fault?: Fault; connections: number; written: number } = { connections: 0, written: 0 }
  let url = ''

  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const { fault } = state
    if (fault !== undefined) state.connections++
    const failed = (): void => void socket.destroy()
    if (fault?.at === 'connection') {
      play(fault, lineOf(socket, Buffer.alloc(0))).catch(failed)
      return
    }
    let received = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (isWhole(received)) play(fault ?? none, lineOf(socket, received)).catch(failed)
    })
  })

  const play = async (fault: Fault, line: Line): Promise<void> => fault.play(line)

  const lineOf = (socket: Socket, request: Buffer): Line => ({
    forward: () => forward(request, server.url, url),
    send: (bytes) =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve()
        socket.once('close', resolve)
        socket.write(bytes, () => {
          socket.off('close', resolve)
          state.written += bytes.length
          resolve()
        })
      }),
    settle: async () => {
      // Each sleep gives the event loop a turn in which sockets are read: both sides live in this process.
      for (let turn = 0; turn < 3; turn++) await sleep(5)
    },
    idle: async (ms) => {
      await sleep(ms)
      return !socket.destroyed
    },
    reset: () => void socket.resetAndDestroy(),
    end: () => void socket.end(),
  })

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  url = `http://127.0.0.1:${address.port}`

  const close = async (): Promise<void> => {
    if (!listener.listening) return
    const closed = new Promise((resolve) => listener.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    url,
    get connections() {
      return state.connections
    },
    get written() {
      return state.written
    },
    async arm(fault) {
      Object.assign(state, { fault, connections: 0, written: 0 })
      if (fault.at === 'listener') await close()
    },
    [Symbol.asyncDispose]: close,
  }
}

/** The first lines of an answer. */
export function head(status: number, headers: Record<string, string | number>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}connection: close\r\n\r\n`
}

/** Sends an answer as it should be sent. */
export async function sendWhole(line: Line, { status, headers, body }: Answered): Promise<void> {
  await line.send(head(status, status === 204 ? headers : { ...headers, 'content-length': body.length }))
  await line.send(body)
  line.end()
}

const none: Fault = { name: 'none', play: async (line) => sendWhole(line, await line.forward()) }

function isWhole(received: Buffer): boolean {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: *(\d+)/im.exec(received.subarray(0, end).toString('latin1'))?.[1] ?? '0'
  return received.length >= end + 4 + Number(length)
}

/** Asks the server behind the proxy; its addresses in the answer are replaced by those of the proxy. */
async function forward(received: Buffer, to: string, from: string): Promise<Answered> {
  const end = received.indexOf('\r\n\r\n')
  const [line = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const [method, path = '/'] = line.split(' ')
  const headers = Object.fromEntries(
    lines.map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1).trim()]),
  )
  return new Promise((resolve, reject) => {
    const request = ask(
      to + path,
      { method, headers: { ...headers, connection: 'close' }, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => {
          const body = Buffer.from(Buffer.concat(chunks).toString().replaceAll(to, from))
          const type = response.headers['content-type']
          resolve({
            status: response.statusCode ?? 0,
            headers: type === undefined ? {} : { 'content-type': type },
            body,
          })
        })
      },
    )
    request.once('error', reject)
    request.end(received.subarray(end + 4))
  })
}
