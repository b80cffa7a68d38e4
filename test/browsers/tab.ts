/** One tab of a real browser. */
export interface Tab {
  goto(url: string): Promise<void>
  /** To the page before, which the browser may have kept as it was. */
  back(): Promise<void>
  /** The value of a JavaScript expression in the page, as JSON; a promise is awaited. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
  /** What happens to the storage of an origin; Chromium alone can be told. */
  storage?: {
    clear: (origin: string) => Promise<void>
    /** Lets the origin store so many bytes; without a number, as many as ever. */
    limit: (origin: string, bytes?: number) => Promise<void>
  }
  /** From the next page on the browser keeps nothing for it, as where a user has blocked storage; Chromium alone can be told. */
  block?: () => Promise<void>
  /** What the browser will show as cancelled from now on; Chromium alone says. */
  watchCancelled?: () => Promise<readonly string[]>
}

/** A real browser, with a profile of its own that ends with it. */
export interface Browser {
  readonly name: string
  newTab(): Promise<Tab>
  close(): Promise<void>
}

/** Asks a page until it says something other than `undefined`, `null` or `false`. */
export async function eventually(tab: Tab, expression: string, milliseconds = 20_000): Promise<unknown> {
  const end = performance.now() + milliseconds
  for (;;) {
    const value = await tab.evaluate(expression)
    if (value !== undefined && value !== null && value !== false) return value
    if (performance.now() > end) {
      throw new Error(
        `Still nothing after ${milliseconds} ms: ${expression}\n${String(await tab.evaluate('document.body.innerText'))}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
