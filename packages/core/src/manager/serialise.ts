import type { RegistrationRecord } from './record.ts'

/** What a store must take. Kubernetes would take 1 MiB, but a record that grows is a mistake of ours. */
const limit = 65_536

/** The text of a record. What is too long loses what is not needed: the raw answer, then what only sweeping needs. */
export function serialise(record: RegistrationRecord): string {
  const { orphans = [], previous = [] } = record
  const shorter: RegistrationRecord[] = [
    record,
    { ...record, raw: undefined, unreadable: undefined },
    { ...record, raw: undefined, unreadable: undefined, orphans: orphans.slice(-8), previous: previous.slice(-1) },
  ]
  const texts = shorter.map((candidate) => () => JSON.stringify(candidate))
  for (const text of texts) if (bytes(text()) <= limit) return text()
  return JSON.stringify({ ...shorter.at(-1), orphans: [], previous: [] })
}

const bytes = (text: string): number => new TextEncoder().encode(text).length
