import type { Line } from '../fault-proxy.ts'
import { head } from '../fault-proxy.ts'
import type { KnownFault } from './effect.ts'

/** Sends the head of a success that announces its body. */
async function begin(line: Line): Promise<Buffer> {
  const { status, headers, body } = await bodied(line)
  await line.send(head(status, { ...headers, 'content-length': body.length }))
  return body
}

/** The server's answer; one without a body, as after a deletion, gets a body all the same. */
export async function bodied(line: Line): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const answer = await line.forward()
  if (answer.body.length > 0) return answer
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"said":"done"}') }
}

const half = (body: Buffer): Buffer => body.subarray(0, body.length >> 1)

/** Sends bytes one after the other, as long as the other side reads them. */
async function drip(line: Line, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes) {
    await line.send(Uint8Array.of(byte))
    if (!(await line.idle(40))) return
  }
}

/** What a connection can do to an exchange: before the request, instead of an answer, and in the middle of one. */
export const connectionFaults: readonly KnownFault[] = [
  { name: 'nobody listens', at: 'listener', effect: 'unsent', play: () => undefined },
  { name: 'reset as soon as it stands', at: 'connection', effect: 'unsent-or-lost', play: (line) => line.reset() },
  { name: 'closed as soon as it stands', at: 'connection', effect: 'lost', play: (line) => line.end() },
  { name: 'accepted, and nobody reads', at: 'connection', slow: true, effect: 'lost', play: () => undefined },
  {
    name: 'speaks before it is asked',
    at: 'connection',
    effect: 'lost',
    play: async (line) => line.send('220 ready\r\n'),
  },
  { name: 'reset after the request, before the server acts', effect: 'lost', play: (line) => line.reset() },
  { name: 'closed after the request, before the server acts', effect: 'lost', play: (line) => line.end() },
  {
    name: 'reset after the server acted, before the first byte',
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      line.reset()
    },
  },
  {
    name: 'closed after the server acted, before the first byte',
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      line.end()
    },
  },
  {
    name: 'silent for ever after the server acted',
    slow: true,
    effect: 'lost',
    play: async (line) => {
      await line.forward()
    },
  },
  {
    name: 'reset in the status line',
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      await line.send('HTTP/1.1 20')
      await line.settle()
      line.reset()
    },
  },
  {
    name: 'closed in the status line',
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      await line.send('HTTP/1.1 20')
      line.end()
    },
  },
  {
    name: 'closed in the headers',
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      await line.send('HTTP/1.1 200 OK\r\ncontent-type: applica')
      line.end()
    },
  },
  {
    name: 'headers drip, a byte now and then',
    slow: true,
    effect: 'lost',
    play: async (line) => {
      await line.forward()
      await drip(line, Buffer.from(head(200, { 'content-type': 'application/json', 'x-padding': 'x'.repeat(200) })))
    },
  },
  {
    name: 'reset between headers and body',
    effect: 'cut-off',
    play: async (line) => {
      await begin(line)
      await line.settle()
      line.reset()
    },
  },
  {
    name: 'reset in the body',
    effect: 'cut-off',
    play: async (line) => {
      await line.send(half(await begin(line)))
      await line.settle()
      line.reset()
    },
  },
  {
    name: 'closed in the body',
    effect: 'cut-off',
    play: async (line) => {
      await line.send(half(await begin(line)))
      line.end()
    },
  },
  {
    name: 'closed before the last byte',
    effect: 'cut-off',
    play: async (line) => {
      await line.send((await begin(line)).subarray(0, -1))
      line.end()
    },
  },
  {
    name: 'half open: the body stops and the connection stays',
    slow: true,
    effect: 'cut-off',
    play: async (line) => line.send(half(await begin(line))),
  },
  {
    name: 'body drips, a byte now and then',
    slow: true,
    effect: 'cut-off',
    play: async (line) => drip(line, await begin(line)),
  },
]
