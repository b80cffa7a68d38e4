import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// By its entry point, so that what the import of the package loads stays one file.
import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

import type { Mistakes } from './mistakes.ts'
import type { Given } from './said.ts'

const schemes = 'Give file:PATH.'

/** The store that an address names. An address may hold a password: it is never told. */
export async function storeOf(
  { value, label, folder }: Given,
  mistakes: Mistakes,
): Promise<RegistrationStore | undefined> {
  const [, scheme = '', rest = ''] = (typeof value === 'string' && /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(value)) || []
  if (scheme === 'file') return openFile(rest, label, folder, mistakes)
  mistakes.add(label, scheme === '' ? `It names no store. ${schemes}` : `There is no store ${scheme}. ${schemes}`)
  return undefined
}

function openFile(rest: string, label: string, folder: string, mistakes: Mistakes): RegistrationStore | undefined {
  if (rest.replaceAll('/', '') === '') {
    mistakes.add(label, 'It names no folder. Give one, as in file:/var/lib/orders.')
    return undefined
  }
  try {
    return fileStore(rest.startsWith('//') ? fileURLToPath(`file:${rest}`) : resolve(folder, rest))
  } catch {
    mistakes.add(label, 'It is no address of a folder. Give one, as in file:/var/lib/orders.')
    return undefined
  }
}
