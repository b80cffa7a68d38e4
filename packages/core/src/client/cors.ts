import type { HttpRequest } from '../model/http.ts'

/**
 * The origin of the page or worker that this runs in, where the address belongs to another one; `undefined` where it
 * does not, and everywhere but in a browser.
 */
export function pageElsewhere(url: string): string | undefined {
  const page: unknown = Reflect.get(globalThis, 'origin')
  return typeof page === 'string' && page.startsWith('http') && page !== new URL(url).origin ? page : undefined
}

/** What to look for where a browser reports a failed fetch: it tells a page of another origin nothing more. */
export async function corsHint(
  request: HttpRequest,
  page: string | undefined,
  known: string | undefined,
): Promise<string> {
  if (page === undefined) return ''
  // Told once in a failure, so it is loaded then; a page that is offline goes without.
  return import('./cors-hint.ts').then(
    ({ hintFor }) => ` ${hintFor(request, page, known)}`,
    () => '',
  )
}
