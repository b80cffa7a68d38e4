/**
 * A page that its browser puts aside and may show again (bfcache). WebKit leaves the page's transactions open meanwhile, and
 * every tab of the origin waits for them: so none may be open then.
 */
export class Bfcache {
  /** Resolves when the page is shown again; `undefined` where it was never put aside. */
  over: Promise<unknown> | undefined
  readonly #open = new Set<IDBTransaction>()

  constructor() {
    addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) return
      this.over = new Promise((resolve) => addEventListener('pageshow', resolve, { once: true }))
      for (const transaction of this.#open) transaction.abort()
    })
  }

  /** Aborts a transaction that is open when the page is put aside; the caller that waits for it tries again. */
  abort(transaction: IDBTransaction): void {
    const end = (): void => void this.#open.delete(transaction)
    this.#open.add(transaction)
    transaction.addEventListener('complete', end)
    transaction.addEventListener('abort', end)
  }
}
