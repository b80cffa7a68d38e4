/**
 * The origin of the page or worker that this runs in, where the address belongs to another one; `undefined` where it
 * does not, and everywhere but in a browser.
 */
export function pageElsewhere(url: string): string | undefined {
  const page: unknown = Reflect.get(globalThis, 'origin')
  return typeof page === 'string' && page.startsWith('http') && page !== new URL(url).origin ? page : undefined
}
