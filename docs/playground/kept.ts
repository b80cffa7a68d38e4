import { RegistrationManager as PageManager } from '@registrant/browser'
import { memoryStore, RegistrationError, RegistrationManager } from '@registrant/core'
import type { RegistrationResponse } from '@registrant/core'

import { answerIn } from './answer.ts'
import type { Judgement } from './judge.ts'
import { profileNamed } from './profiles.ts'
import { tokenName } from './request.ts'
import type { State } from './state.ts'

/** What a manager does with an answer. */
export interface Kept {
  /** What it keeps of the registration; absent where it keeps none. */
  registration?: RegistrationResponse
  /** What `ensure()` throws, where it does. */
  error?: RegistrationError
  /** What it asks the server after the registration: to delete a client that it refuses, for one. */
  afterwards: readonly string[]
}

/**
 * Has a manager register at a server that gives this answer, and looks at what it keeps: that of a service, or that of a page.
 * Nothing leaves the page. `undefined` where no request is sent, or no such answer can be given.
 */
export async function keptBy(place: 'service' | 'page', state: State, judgement: Judgement): Promise<Kept | undefined> {
  const { metadata, known, isRefused } = judgement
  const answer = answerIn(state)
  if (metadata === undefined || isRefused || 'problem' in answer || state.answer.trim() === '') return undefined
  const { status, headers, body } = answer
  if (!(status >= 200 && status < 600)) return undefined
  const issued = /"client_id_issued_at"\s*:\s*(\d{1,12})\b/.exec(body)?.[1]
  // What is pasted was answered when its client was issued: later, a manager would take that for one which others use, too.
  if (issued !== undefined && !headers.has('date')) headers.set('date', new Date(Number(issued) * 1000).toUTCString())
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = (url, { method = 'GET' } = {}) => {
    asked.push(`${method} ${new Request(url).url}`)
    if (method === 'DELETE') return Promise.resolve(new Response(null, { status: 204 }))
    const isBare = [204, 205, 304].includes(status)
    return Promise.resolve(
      method === 'POST' ? new Response(isBare ? null : body, { status, headers }) : new Response('', { status: 404 }),
    )
  }
  const options = {
    server: known.server,
    application: 'playground',
    metadata,
    store: memoryStore(),
    profile: profileNamed(state.profile),
    accessToken: state.token === '' ? undefined : tokenName,
    fetch,
    timeout: 5000,
  }
  const manager = place === 'page' ? new PageManager(options) : new RegistrationManager(options)
  try {
    const registration = await manager.ensure()
    return { registration, afterwards: asked.slice(1) }
  } catch (error) {
    if (error instanceof RegistrationError) return { error, afterwards: asked.slice(1) }
    throw error
  } finally {
    await manager.close()
  }
}

/** A member of a registration, and who keeps it. */
export interface KeptMember {
  member: string
  service: boolean
  page: boolean
}

const credentials = ['client_id', 'client_secret', 'registration_access_token', 'registration_client_uri']

/** Who keeps which credential, of those that anybody keeps. */
export function compareKept(service: Kept | undefined, page: Kept | undefined): KeptMember[] {
  const has = (kept: Kept | undefined, member: string): boolean => kept?.registration?.[member] !== undefined
  return credentials
    .map((member) => ({ member, service: has(service, member), page: has(page, member) }))
    .filter((it) => it.service || it.page)
}
