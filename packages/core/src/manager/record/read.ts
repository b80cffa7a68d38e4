import { StateError, StoreError } from '../../errors.ts'
import { isOurs, parse, schema } from './layout.ts'
import type { Identity, RegistrationRecord } from './record.ts'

/** What is known of an identity before anything is stored. */
export const emptyRecord = (identity: Identity): RegistrationRecord => ({
  schema,
  identity,
  epoch: '',
  revision: 0,
  writeId: '',
})

/** Whether nothing is stored: every record that is has the mark of its save. */
export const isEmpty = ({ writeId }: RegistrationRecord): boolean => writeId === ''

/**
 * Reads what a store holds. Checks what is relied on; whoever writes the record saw to the rest.
 *
 * @throws {StateError} `newer-schema`
 * @throws {StoreError} `store-corrupt`
 */
export function parseRecord(text: string, identity: Identity, version: string): RegistrationRecord {
  const record = parse(text)
  if (Math.max(record?.schema ?? 0, record?.keys?.version ?? 0) > schema)
    throw new StateError('newer-schema', 'A newer release wrote this record. Use that release.')
  if (!isOurs(record, identity) || (record.registration !== undefined && !record.registration.client_id))
    throw new StoreError('store-corrupt', "What is stored can't be used. Restore it, or see recover() and forget().", {
      version,
    })
  return record
}
