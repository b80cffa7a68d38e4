/** A Secret of Kubernetes: the members that are used here; all others are kept. */
export interface Secret {
  metadata: { name: string; resourceVersion?: string; [member: string]: unknown }
  data?: Record<string, string>
  [member: string]: unknown
}

/** One of our entries: a line with its version, then the value. */
export interface Entry {
  version: string
  value: string
}

const firstLine = /^registrant (\d+)(?: ([0-9a-f-]{36})| .*)?\n/

/** The beginning of the version of an entry that a newer release wrote. */
const newer = 'newer-'

export const isNewer = (version: string): boolean => version.startsWith(newer)

/** The entry under a key; a string is the version of an entry that can't be read. */
export async function entryOf(secret: Secret | undefined, key: string): Promise<Entry | string | undefined> {
  const found: unknown = secret?.data?.[key]
  if (found === undefined || found === null) return undefined
  const encoded = typeof found === 'string' ? found : JSON.stringify(found)
  const text = Buffer.from(encoded, 'base64').toString()
  const [line, format, version] = firstLine.exec(text) ?? []
  if (line !== undefined && format === '1' && version !== undefined) return { version, value: text.slice(line.length) }
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(encoded))
  return `${Number(format ?? 1) > 1 ? newer : 'unreadable-'}${Buffer.from(digest).toString('hex').slice(0, 32)}`
}

/** The Secret with another entry under a key, and everything else as it was. */
export function withEntry(secret: Secret, key: string, { version, value }: Entry): Secret {
  const text = Buffer.from(`registrant 1 ${version}\n${value}`).toString('base64')
  return { ...secret, data: { ...secret.data, [key]: text } }
}

/** The version of an entry, of whatever kind. */
export const versionOf = (entry: Entry | string | undefined): string | undefined =>
  typeof entry === 'object' ? entry.version : entry

export const newSecret = (name: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name },
})

/** Whether an answer is a Secret. */
export function isSecret(body: unknown): body is Secret {
  const { kind, metadata }: { kind?: unknown; metadata?: unknown } = Object(body)
  return kind === 'Secret' && typeof metadata === 'object' && metadata !== null
}

/** The answer of the API where it does not do what was asked. */
export interface ApiStatus {
  reason: string
  message: string
  /** What kind of thing it is about, such as `secrets`. */
  kind: string
  code: number
}

export function statusOf(body: unknown): ApiStatus | undefined {
  const status: Record<string, unknown> = Object(body)
  if (status['kind'] !== 'Status') return undefined
  const details: Record<string, unknown> = Object(status['details'])
  return {
    reason: textIn(status['reason']),
    message: textIn(status['message']),
    kind: textIn(details['kind']),
    code: Number(status['code'] ?? 0),
  }
}

const textIn = (member: unknown): string => (typeof member === 'string' ? member : '')
