import { readFileSync } from 'node:fs'

/** What is known of a member: its JSON type, which way it travels, and the values that are registered. */
export interface Member {
  name: string
  kind: 'string' | 'strings' | 'boolean' | 'number' | 'object' | 'objects'
  direction: 'both' | 'request' | 'response'
  /** May be said in several languages. */
  localizable?: boolean
  /** Stands in a draft, or in a vendor's model only. */
  draft?: boolean
  /** The registered values, of an open set. */
  known?: string[]
  /** The values, of a closed set. */
  closed?: string[]
}

/** Every name that somebody gives a client's metadata, as the specifications have it. */
const vocabulary: Member[] = JSON.parse(readFileSync(new URL('../data/vocabulary.json', import.meta.url), 'utf8'))

export const standard: readonly Member[] = vocabulary.filter(({ draft }) => draft === undefined)
export const drafts: readonly Member[] = vocabulary.filter(({ draft }) => draft === true)
