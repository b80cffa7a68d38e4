import type { Answer, Endpoint, Script } from './answer.ts'
import type { Scripts, TestServer, Times } from './options.ts'

/** The answers in place of the usual ones, by endpoint. */
export class ScriptBook {
  readonly #scripts: Map<string, Scripts[Endpoint]> = new Map()

  write(scripts: Scripts): void {
    for (const [endpoint, its] of Object.entries(scripts))
      this.#scripts.set(endpoint, Array.isArray(its) ? [...its] : its)
  }

  /** What the next request there is answered with. */
  next(endpoint: Endpoint): Script | undefined {
    const its = this.#scripts.get(endpoint)
    return Array.isArray(its) ? its.shift() : its
  }

  /** The misbehaviours that have a name. */
  misbehaviours(): Pick<TestServer, 'unavailable' | 'loseAnswers' | 'recover'> {
    const answer = (endpoint: Endpoint, it: Answer, { times }: Times): void =>
      void this.#scripts.set(endpoint, times === undefined ? it : Array.from({ length: times }, () => it))
    return {
      unavailable: (endpoint, { retryAfter, ...how } = {}) => {
        const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
        answer(endpoint, { status: 503, headers, body: { error: 'temporarily_unavailable' } }, how)
      },
      loseAnswers: (endpoint, { when = 'after', ...how } = {}) => answer(endpoint, { lost: when }, how),
      recover: () => this.#scripts.clear(),
    }
  }
}
