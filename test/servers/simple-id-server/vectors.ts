import { readFile } from 'node:fs/promises'

/** Something that was asked of the real server, and what it answered without and with realms. */
export interface Exchange {
  request: Asked
  /** In both settings. */
  answer?: Recorded
  /** Where the settings differ. An exchange with neither prepares the next ones. */
  answers?: { plain: Recorded; realms: Recorded }
}

interface Asked {
  method: string
  path: string
  /** The path is whole: no realm comes before it. */
  bare?: boolean
  headers?: Record<string, string>
  body?: string
}

export interface Recorded {
  status: number
  headers?: Record<string, string>
  body?: unknown
  /** What differs from the answer to the page's registration; null where a member is missing. */
  client?: Record<string, unknown>
}

/** One row of what an emulator has to reproduce. */
export interface Vector {
  vector: number
  says: string
  exchanges: Exchange[]
}

const folder = new URL('../../data/simple-id-server/', import.meta.url)

export async function recordedJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(name, folder), 'utf8'))
}

export async function recordedVectors(version: string): Promise<Vector[]> {
  return JSON.parse(await readFile(new URL(`vectors-${version}.json`, folder), 'utf8'))
}

const compared = ['content-type', 'allow', 'cache-control', 'pragma', 'www-authenticate', 'location']

/** An answer in the form of the recordings, which keep no body of pages and crashes. */
export function comparable(status: number, headers: Headers, body: string): Recorded {
  const kept = compared.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const silent = status >= 500 || body === '' || headers.get('content-type')?.startsWith('text/html') === true
  return {
    status,
    ...(kept.length > 0 && { headers: Object.fromEntries(kept) }),
    ...(!silent && { body: plain(JSON.parse(body)) }),
  }
}

/** A recorded answer, with the members that it shares with the answer to the page's registration. */
export function whole({ client, ...recorded }: Recorded, page: unknown): Recorded {
  if (client === undefined) return recorded
  const members = Object.entries({ ...plain(page), ...client }).filter(([, value]) => value !== null)
  return { ...recorded, body: Object.fromEntries(members) }
}

/** Without what differs from run to run: identifiers, dates, tokens, addresses. */
function plain(value: unknown): object {
  const text = JSON.stringify(value)
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi, '<id>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?/g, '<date>')
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '<jwt>')
    .replace(/:1[78]\d{8}\b/g, ':"<time>"')
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<base>')
  return JSON.parse(text)
}
