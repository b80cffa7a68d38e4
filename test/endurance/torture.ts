import { storeTorture } from '@registrant/node/testing'
import type { StoreTortureResult } from '@registrant/node/testing'

/** `fileStore` on this machine's disk, saved to by twelve processes that are paused, killed and have wrong clocks. */
export function torture({ writes, kills }: { writes: number; kills: number }): Promise<StoreTortureResult> {
  return storeTorture({ module: new URL('../support/file-store-module.ts', import.meta.url), writes, kills })
}
