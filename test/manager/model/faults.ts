import type { Answer, Endpoint, ScriptedRequest } from '@registrant/test/servers'
import type { OpenStore } from '../managed.ts'

/** What goes wrong with the next request to an endpoint. */
export interface ServerFault {
  endpoint: Endpoint
  /** A status instead of the usual one, or where the answer gets lost. */
  fault: number | 'before' | 'after' | 'middle'
  /** Whether the server has done what it was asked before it answered with that status. */
  acts: boolean
}

/** What goes wrong with the next verbs of the store. */
export interface StoreFault {
  verb: 'load' | 'save'
  /** A save may have happened although the store says that it failed. */
  moment: 'before' | 'after'
  times: number
}

/** A registration that somebody asked for, and what the server let him know. */
export interface Post {
  at: number
  fate: 'answered' | 'refused' | 'unknown'
  client_id?: string | undefined
}

/** Faults that wait for their request, and what has come of those that met it. */
export class ServerFaults {
  waiting: ServerFault[] = []
  /** How many requests were failed. */
  met = 0
  posts: Post[] = []

  answer(request: ScriptedRequest, usual: () => Answer): Answer {
    const index = this.waiting.findIndex(({ endpoint }) => endpoint === request.endpoint)
    const [fault] = index < 0 ? [] : this.waiting.splice(index, 1)
    if (fault !== undefined) this.met++
    const acted = fault === undefined || acts(fault) ? usual() : undefined
    const answer = fault === undefined ? (acted ?? {}) : failed(fault, acted)
    if (request.endpoint === 'register') this.posts.push(postOf(answer, acted))
    // The clocks of this process are in hand, and the server tells the same time.
    return { ...answer, headers: { ...answer.headers, date: new Date(Date.now()).toUTCString() } }
  }
}

const acts = ({ fault, acts: told }: ServerFault): boolean =>
  fault === 'after' || fault === 'middle' || (typeof fault === 'number' && fault >= 500 && told)

const failed = ({ fault }: ServerFault, acted: Answer | undefined): Answer =>
  typeof fault === 'number' ? { status: fault, body: { error: 'made_up' } } : { ...acted, lost: fault }

function postOf({ status = 200, lost }: Answer, acted: Answer | undefined): Post {
  const fate = lost !== undefined || status >= 500 ? 'unknown' : status < 300 ? 'answered' : 'refused'
  const { client_id } = Object(acted?.body)
  return { at: Date.now(), fate, client_id }
}

/** A store that fails when it is told to. */
export class StoreFaults {
  waiting: StoreFault[] = []
  met = 0
  /** Nobody is to be hindered from looking. */
  calm = false

  constructor(store: OpenStore) {
    store.beforeLoad = () => this.#meet('load', 'before')
    store.beforeSave = () => this.#meet('save', 'before')
    store.afterSave = () => this.#meet('save', 'after')
  }

  #meet(verb: StoreFault['verb'], moment: StoreFault['moment']): void {
    const [fault] = this.waiting
    if (this.calm || fault?.verb !== verb || fault.moment !== moment) return
    fault.times--
    if (fault.times === 0) this.waiting.shift()
    this.met++
    throw new Error(`the ${verb} failed, ${moment} it happened`)
  }
}
