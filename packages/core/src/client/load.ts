import type { Conversation } from './session.ts'
import { late } from '../load.ts'
import type { ConversationOptions } from './context.ts'

/** Loads the code that sends requests, which a start with a good record never needs. */
export async function converse(options: ConversationOptions): Promise<Conversation> {
  const loaded = await late(import('./session.ts'))
  return new loaded.Conversation(options)
}
