import { TransportError } from '../errors.ts'
import type { Conversation, ConversationOptions } from './conversation.ts'

/**
 * Loads the code that sends requests, which a start with a good record never needs.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export async function converse(options: ConversationOptions): Promise<Conversation> {
  const loaded = await import('./conversation.ts').catch((error: unknown) => {
    throw new TransportError('The code that sends requests could not be loaded; nothing was sent.', {
      outcome: 'not-sent',
      cause: new Error(error instanceof Error ? error.message : 'import failed'),
    })
  })
  return new loaded.Conversation(options)
}
