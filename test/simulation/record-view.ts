import { parse } from './web.ts'

/** What the invariants want to know of a record: the one place that knows how one is written down. */
export interface RecordView {
  /** A newer release wrote it, in a layout of its own. */
  isNewer: boolean
  state: string | undefined
  /** The client in use. */
  client: ClientView | undefined
  /** Clients that were replaced and wait to be deleted. */
  previous: ClientView[]
  /** Clients that are listed; without an identifier where nobody knows it. */
  listed: { client_id: string | undefined; intent: string | undefined }[]
  /** The open intent. */
  intent: { id: string; operation: string; lease: number; owner: string; sent: boolean; startedAt: number } | undefined
  /** The hash of what the client in use was made from, where that is known and can be compared. */
  declaration: string | undefined
  /** The `client_name` in the declaration. */
  declaredName: string | undefined
  revision: number | undefined
  epoch: string | undefined
  /** How often a person has started over. */
  decisions: number | undefined
  writeId: string | undefined
  isSuspect: boolean
  /** Whether an update was made is not known. */
  isDoubtful: boolean
  isManageable: boolean
  /** Until when the management of the client counts as lost; then it is looked at again. */
  unmanageableUntil: number | undefined
  renewAt: number | undefined
  /** Another secret that stands beside the stored one. */
  candidate: string | undefined
  /** Until when its knowledge of what the server offers counts. */
  offersUntil: number | undefined
  /** Its client is a metadata document, and the server was seen to take none any more. */
  isClosed: boolean
}

export interface ClientView {
  client_id: string
  /** Says which declaration it has, in these worlds. */
  client_name: string | undefined
  client_secret: string | undefined
  token: string | undefined
  /** Milliseconds since the epoch. */
  secretEnd: number | undefined
}

/** The newest layout that these managers know. */
export const newestKnown = 2

const views = new Map<string, RecordView | undefined>()

/** Reads a stored text; `undefined` where it is none, or can't be read. */
export function viewOf(text: string | undefined): RecordView | undefined {
  if (text === undefined) return undefined
  if (views.has(text)) return views.get(text)
  if (views.size > 2000) views.clear()
  const view = read(text)
  views.set(text, view)
  return view
}

function read(text: string): RecordView | undefined {
  const record = parsed(text)
  if (!isObject(record) || typeof record['schema'] !== 'number') return undefined
  const intent = record['intent']
  const declaration = record['declaration']
  const declared = isObject(declaration) ? declaration['metadata'] : undefined
  const offers = isObject(record['offers']) ? record['offers'] : undefined
  const unmanageable = isObject(record['unmanageable']) ? record['unmanageable'] : undefined
  return {
    isNewer: record['schema'] > newestKnown,
    state: string(record['state']) ?? derived(record),
    client: clientIn(record['registration']),
    previous: list(record['previous']).flatMap((it) => clientIn(it['registration'] ?? it) ?? []),
    listed: list(record['orphans']).map((it) => ({ client_id: string(it['client_id']), intent: string(it['intent']) })),
    intent: isObject(intent)
      ? {
          id: string(intent['id']) ?? '',
          operation: string(intent['operation']) ?? '',
          lease: number(intent['lease']) ?? 0,
          owner: string(intent['owner']) ?? '',
          sent: intent['sent'] === true,
          startedAt: number(intent['started']) ?? 0,
        }
      : undefined,
    declaration: isObject(declaration) ? string(declaration['hash']) || undefined : undefined,
    declaredName: isObject(declared) ? string(declared['client_name']) : undefined,
    revision: number(record['revision']),
    epoch: string(record['epoch']),
    decisions: number(record['decisions']),
    writeId: string(record['writeId']),
    isDoubtful: record['doubt'] !== undefined,
    isSuspect: record['state'] === 'suspect' || record['suspicion'] !== undefined,
    isManageable: record['manageable'] !== false && record['unmanageable'] === undefined,
    renewAt: number(record['renewAt']),
    candidate: isObject(record['candidate']) ? string(record['candidate']['client_secret']) : undefined,
    unmanageableUntil: unmanageable && endOf(unmanageable),
    offersUntil: offers && endOf(offers),
    isClosed: record['route'] === 'metadata-document' && offers !== undefined && offers['documents'] !== true,
  }
}

const endOf = (mark: Record<string, unknown>): number => (number(mark['at']) ?? 0) + (number(mark['length']) ?? 0)

/** The state of a record that stores none: it follows from what is announced. */
function derived(record: Record<string, unknown>): string {
  const intent = isObject(record['intent']) ? record['intent']['operation'] : undefined
  if (record['deleted'] === true) return 'deleted'
  if (intent === 'delete') return 'deleting'
  if (intent === 'update') return 'updating'
  if (intent === 'renew' || intent === 'replace') return 'rotating'
  if (intent === 'register') return 'registering'
  return record['registration'] === undefined ? 'absent' : 'registered'
}

function clientIn(value: unknown): ClientView | undefined {
  if (!isObject(value) || typeof value['client_id'] !== 'string') return undefined
  const end = number(value['client_secret_expires_at'])
  return {
    client_id: value['client_id'],
    client_name: string(value['client_name']),
    client_secret: string(value['client_secret']),
    token: string(value['registration_access_token']),
    secretEnd: end === undefined || end === 0 ? undefined : end * 1000,
  }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : [])
const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
