import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { RegistrationStore, StoredValue } from '@registrant/node'

/** A store as one writes it in an afternoon: whole files, compared before they are replaced, and no look afterwards. */
export function makeStore(directory: string): RegistrationStore {
  const path = join(directory, 'record.json')
  const load = async (): Promise<StoredValue | undefined> => {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    return text === undefined ? undefined : JSON.parse(text)
  }
  return {
    load,
    async save(_, value, expected) {
      if ((await load())?.version !== expected) return false
      const version = crypto.randomUUID()
      await writeFile(`${path}.${version}`, JSON.stringify({ value, version }))
      await rename(`${path}.${version}`, path)
      return version
    },
  }
}
