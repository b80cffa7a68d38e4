import { StoreError } from '@registrant/core'

import { engineFailure } from '../engine/failure.ts'
import { AnswerLost } from './api.ts'
import type { ApiAnswer } from './api.ts'
import { statusOf } from './secret.ts'

/** Statuses that somebody has to set right: no token, no right, no namespace, a Secret that can't be changed or is full. */
const needsPerson = new Set([400, 401, 403, 404, 405, 413, 422])

/** The error of a request that the API refused, in its words. */
export function refusal({ status, body }: ApiAnswer, what: string, place: string): StoreError {
  const told = statusOf(body)
  // Another server than the API may answer there, with a page of its own.
  const code = told !== undefined && needsPerson.has(status) ? 'store-denied' : 'store-unavailable'
  const said = `Kubernetes did not ${what} the Secret ${place}: ${status}`
  const error = engineFailure(code, said, told?.message ?? notOfTheApi)
  if (status !== 403) return error
  // A quota or an admission policy answers 403, too.
  const advice = 'Its service account needs a Role with get, create, update and watch of the Secret.'
  return new StoreError(code, `${error.message} ${advice}`)
}

const notOfTheApi = 'the answer is none of the API'

/** The error of a save at which the API failed, and which it may have carried out. */
export function doubtful({ status, body }: ApiAnswer, place: string): StoreError {
  const said = `The Secret ${place} was sent, and the answer is ${status}: it may be saved. Load to see`
  return engineFailure('store-unknown', said, statusOf(body)?.message ?? notOfTheApi)
}

/** The error of a request that got no answer. */
export function noAnswer(error: unknown, operation: 'load' | 'save', place: string): unknown {
  if (error instanceof StoreError) return error
  if (operation === 'save' && error instanceof AnswerLost)
    return engineFailure('store-unknown', `The Secret ${place} was sent, and no answer came. Load to see`, error)
  const what = operation === 'load' ? 'read' : 'saved'
  return engineFailure('store-unavailable', `The Secret ${place} could not be ${what}`, error)
}
