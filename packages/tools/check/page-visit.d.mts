import type { Browser } from '../../../test/browsers/tab.ts'

/** What a browser asked for on one visit, and the seconds until the page had its client. */
export interface Visit {
  kB: number
  files: number
  waves: number
  seconds: number
}

export const issuer: string
export function bundlePage(
  program: string,
  to: { name: string; from: string; here: string; bundler: 'esbuild' | 'rolldown' },
): Promise<void>
export function visitPage(
  here: string,
  by: { browser: Browser; server: { issuer: string }; delay: number; bytesPerSecond?: number },
): Promise<{ first: Visit; returning: Visit; isKept: boolean }>
