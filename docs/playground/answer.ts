import { readRegistration } from '@registrant/core/exchange'
import type { HttpAnswer, HttpRequest, Reading } from '@registrant/core/exchange'
import { RegistrationError } from '@registrant/core'
import type { RegistrationRequest, RegistrationResponse } from '@registrant/core'

import { isRequest } from './judge.ts'
import type { Judgement } from './judge.ts'
import { profileNamed } from './profiles.ts'
import type { State } from './state.ts'

/** How an answer is read: a registration with what is odd about it, or why it is refused. */
export type ReadAnswer = { reading: Reading<RegistrationResponse> } | { error: RegistrationError } | { problem: string }

/** Reads an answer to the request as the SDK reads it; `undefined` where there is none. */
export function readAnswer(state: State, request: HttpRequest, judgement: Judgement): ReadAnswer | undefined {
  if (state.answer.trim() === '') return undefined
  const answer = answerIn(state)
  if ('problem' in answer) return answer
  const { server } = judgement.known
  const context = { request, server, sent: comparable(judgement), profile: profileNamed(state.profile) }
  try {
    return { reading: readRegistration(answer, context) }
  } catch (error) {
    if (error instanceof RegistrationError) return { error }
    throw error
  }
}

const wrongTypes = new Set(['type', 'R07', 'not-json'])

/** What was asked for, as far as an answer can be compared with it: without values that no server could read. */
function comparable({ metadata, findings }: Judgement): RegistrationRequest | undefined {
  const wrong = findings.flatMap(({ rule, member }) => (wrongTypes.has(rule) ? member : []))
  if (metadata === undefined || wrong.length === 0) return metadata
  const rest = Object.fromEntries(Object.entries(metadata).filter(([member]) => !wrong.includes(member)))
  return isRequest(rest) ? rest : undefined
}

/** The answer in a text: what `curl -i` prints, or a body alone. */
export function answerIn({ answer, status }: Pick<State, 'answer' | 'status'>): HttpAnswer | { problem: string } {
  const text = answer.replace(/^\s+/, '')
  if (!/^HTTP\/[\d.]+ \d/.test(text)) {
    const type = text.startsWith('<') ? 'text/html' : 'application/json'
    return { status: Number(status), headers: new Headers({ 'content-type': type }), body: answer }
  }
  // The last one counts: a proxy, or 100 Continue, may have spoken before.
  const [start = 0] = [...text.matchAll(/^HTTP\/[\d.]+ \d/gm)].map(({ index }) => index).slice(-1)
  const last = text.slice(start)
  const end = /\r?\n\r?\n/.exec(last)
  const head = end === null ? last : last.slice(0, end.index)
  const [line = '', ...fields] = head.split(/\r?\n/)
  const headers = new Headers()
  for (const field of fields) {
    const [, name, value] = /^([^:\s]+):[ \t]*(.*)$/.exec(field) ?? []
    if (name === undefined || value === undefined) return { problem: `This is no header: ${field}` }
    headers.append(name, value)
  }
  const body = end === null ? '' : last.slice(end.index + end[0].length)
  return { status: Number(/ (\d+)/.exec(line)?.[1]), headers, body }
}
