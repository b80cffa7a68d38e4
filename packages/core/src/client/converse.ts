import type { Conversation } from './conversation.ts'
import { late } from './late.ts'
import type { ConversationOptions } from './line.ts'

/** Loads the code that sends requests, which a start with a good record never needs. */
export async function converse(options: ConversationOptions): Promise<Conversation> {
  const loaded = await late(import('./conversation.ts'))
  return new loaded.Conversation(options)
}
