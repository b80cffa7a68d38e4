import type { StoreError } from '@registrant/core'

import { engineFailure, memberOf, original } from '../engine/failure.ts'

/**
 * Whether a code is the server's own: nothing was saved. Not so one that ends a session, since the commit may have come before,
 * nor 40003, by which a distributed database says that it does not know.
 */
const isAnswer = (code: string | undefined): code is string =>
  code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|40003|57P0[1245])/.test(code)

/** Codes of what somebody has to set right: rights, passwords, names, the database's encoding. */
const needsPerson = /^(?:28|42|3D|3F|22)/

/** Codes and messages of errors before a statement is sent: there was no connection. */
const notSent =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CONNECT_TIMEOUT|CONNECTION_ENDED|ENOENT|EACCES)$/
const notSentMessage =
  /timeout exceeded when trying to connect|terminated due to connection timeout|Cannot use a pool after calling end|Client was closed and is not queryable|Client has encountered a connection error and is not queryable/

/** The error, in words for a person, of a load, or of a save that may have been made although no answer came. */
export function postgresFailure(thrown: unknown, operation: 'load' | 'save', table: string): StoreError {
  const error = original(thrown)
  const code = memberOf(error, 'code')
  const what = operation === 'load' ? 'The registration could not be read from' : 'The registration was not saved in'
  if (code === '42P01')
    return engineFailure(
      'store-denied',
      `The table ${table} is not there. Call createTable() once, or run what createTableSql() returns`,
      error,
    )
  if (code === '22021' || code === '22P05')
    return engineFailure('store-denied', `${what} ${table}, whose database has another encoding than UTF8`, error)
  if (isAnswer(code))
    return engineFailure(needsPerson.test(code) ? 'store-denied' : 'store-unavailable', `${what} ${table}`, error)
  const message = memberOf(error, 'message') ?? ''
  if (operation === 'load' || notSent.test(code ?? '') || notSentMessage.test(message))
    return engineFailure('store-unavailable', `${what} ${table}`, error)
  return engineFailure(
    'store-unknown',
    `Whether the registration was saved in ${table} is not known. Load to see`,
    error,
  )
}

/** Whether a transaction was rolled back because of another one: nothing was saved, and it may be tried again. */
export function isRolledBack(error: unknown): boolean {
  const code = memberOf(original(error), 'code')
  return code === '40001' || code === '40P01'
}
