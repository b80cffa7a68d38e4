import type { StoreError } from '@registrant/core'

import { engineFailure, memberOf, original } from '../engine/failure.ts'

/** A message of the server begins with a code. Nothing was saved then, since the script writes last. */
const isAnswer = /^[A-Z][A-Z0-9]+ /

/** Messages of what somebody has to set right: rights, passwords, commands that were taken away. */
const needsPerson =
  /^(?:NOAUTH|WRONGPASS|NOPERM|WRONGTYPE)\b|unknown command|can't run this command|can't access|no permission/i

/** Messages and codes of a client's errors before a command is sent. */
const notSent =
  /^The client is (?:closed|offline)|^The command was aborted|^The queue is full|root nodes|Stream isn't writeable|^Connection timeout|Failed to refresh slots cache/
const notSentCode = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/

/** The error of a connection that could not be made, in words for a person. */
export function noConnection(thrown: unknown): StoreError {
  const error = original(thrown)
  return needsPerson.test(memberOf(error, 'message') ?? '')
    ? engineFailure('store-denied', 'Redis lets nobody in by this address. It says', error)
    : engineFailure(
        'store-unavailable',
        'Redis can not be reached. Is it running, and its address right? It says',
        error,
      )
}

/** The error, in words for a person, of a load, or of a save that may have been made although no answer came. */
export function redisFailure(thrown: unknown, operation: 'load' | 'save', key: string): StoreError {
  const error = original(thrown)
  const message = memberOf(error, 'message') ?? ''
  const what = operation === 'load' ? 'could not be read from Redis' : 'was not saved in Redis'
  const said = `The registration under ${key} ${what}`
  if (isAnswer.test(message))
    return engineFailure(needsPerson.test(message) ? 'store-denied' : 'store-unavailable', said, error)
  if (operation === 'load' || notSent.test(message) || notSentCode.test(memberOf(error, 'code') ?? ''))
    return engineFailure('store-unavailable', said, error)
  const doubt = `The connection to Redis ended before ${key} was known to be saved. Load to see`
  return engineFailure('store-unknown', doubt, error)
}
