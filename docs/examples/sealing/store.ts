// For one release: a store that reads what was kept before it was sealed, and seals whatever it saves.
import type { RegistrationStore } from '@registrant/node'
import { encryptedStore } from '@registrant/node/encrypted-store'
import type { EncryptionKey } from '@registrant/node/encrypted-store'

export function beginSealing(plain: RegistrationStore, keys: readonly EncryptionKey[]): RegistrationStore {
  const sealed = encryptedStore(plain, { keys })
  return {
    ...sealed,
    async load(key, signal) {
      const found = await plain.load(key, signal)
      // A record is JSON, and no sealed one begins as that does.
      return found?.value.startsWith('{') ? found : sealed.load(key, signal)
    },
  }
}
