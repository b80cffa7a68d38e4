/** The issuers of servers that behave differently, in a process of their own; see `start-servers.ts`. */
export interface Servers {
  usual: string
  closed: string
  registrar: { clientId: string; clientSecret: string; scope: string }
  refusing: string
  losing: string
  silent: string
  long: string
}

/** What the library does, as a sentence, and what tries it in a runtime: it throws where that is not so. */
export interface Case {
  name: string
  run: (servers: Servers) => Promise<void>
}

/** What one case came to. */
export interface Outcome {
  name: string
  failed?: string
}

/** Runs every case, one after the other. */
export async function outcomesOf(cases: readonly Case[], servers: Servers): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, run } of cases) {
    const failed = await run(servers).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
    )
    outcomes.push({ name, ...(failed !== undefined && { failed }) })
  }
  return outcomes
}

/** Throws where two values are not the same as JSON. */
export function equal(actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== shouldBe) throw new Error(`It is ${is}, and should be ${shouldBe}`)
}

/** What an error says; `error`: what the server called it. */
interface Refusal {
  name: string
  code: unknown
  error: unknown
  outcome: unknown
}

/** What a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (error) {
    const { name, code, error: told, outcome } = Object(error)
    return { name, code, error: told, outcome }
  }
  throw new Error('It was not refused')
}
