/**
 * A page that its browser puts aside and may show again (bfcache), or freezes in the background. Its transactions stay open
 * meanwhile, and every tab of the origin waits for them: so none may be open then. A worker hears nothing of it.
 */
export class Aside {
  /** Resolves when the page is shown again; `undefined` while it is not aside. */
  over: Promise<void> | undefined
  /** What to leave at once when the page is put aside. */
  readonly open: Set<() => void> = new Set()
  #back: (() => void) | undefined

  constructor() {
    const leave = (): void => {
      this.over ??= new Promise((resolve) => (this.#back = resolve))
      for (const abort of this.open) abort()
    }
    const back = (): void => {
      this.over = undefined
      this.#back?.()
    }
    addEventListener('pagehide', ({ persisted }) => persisted && leave())
    addEventListener('pageshow', back)
    // Only Chromium tells of these, to the document.
    addEventListener('freeze', leave, true)
    addEventListener('resume', back, true)
  }
}
