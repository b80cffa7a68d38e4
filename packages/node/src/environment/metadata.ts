import { resolve } from 'node:path'

import type { RegistrationRequest } from '@registrant/core'
import { registrationRequestSchema } from '@registrant/core/schema'

import { readJson } from './config-file.ts'
import { notJson } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import type { Given } from './said.ts'

/** The metadata that are declared: an object, a text that begins as one, or the path of a file. */
export async function metadataOf(given: Given, mistakes: Mistakes): Promise<RegistrationRequest | undefined> {
  const { value, label } = given
  const content = typeof value === 'string' ? await parsed(value, given, mistakes) : value
  return content === undefined ? undefined : checkMetadata(content, label, mistakes)
}

async function parsed(text: string, { label, folder }: Given, mistakes: Mistakes): Promise<unknown> {
  if (!text.trimStart().startsWith('{')) return readJson(resolve(folder, text), label, mistakes)
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    mistakes.add(label, `${notJson('It', error)} Give an object, or the path of a file.`)
    return undefined
  }
}

/** Checks metadata: standard members must be of their type, and other members are left to the server. */
function checkMetadata(content: unknown, label: string, mistakes: Mistakes): RegistrationRequest | undefined {
  const { issues = [] } = registrationRequestSchema['~standard'].validate(content)
  const wrong = issues.filter(({ message }) => !message.startsWith('There is no such member'))
  for (const { message, path = [] } of wrong)
    mistakes.add(path.length === 0 ? label : `${path.join('.')} in ${label}`, message)
  const metadata: RegistrationRequest = {}
  return wrong.length === 0 ? Object.assign(metadata, content) : undefined
}
