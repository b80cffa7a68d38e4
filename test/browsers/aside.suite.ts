import { describe, expect, test } from 'vitest'

import { call } from './bench.ts'
import type { Bench } from './bench.ts'
import type { Interruption } from './lab/aside.ts'
import { open } from './lab/lab.ts'

const outcomes: Record<Interruption['act'], string> = {
  load: 'value',
  save: 'saved',
  'load a key': 'no key',
  'save a key': 'private',
}

export function aside(bench: () => Bench): void {
  describe('a page that is put aside', () => {
    for (const act of ['load', 'save', 'load a key', 'save a key'] as const)
      for (const way of ['another page is shown', 'it is frozen'] as const)
        test(`as ${way} holds up nobody, and goes on to ${act} afterwards`, async () => {
          const tab = await open(bench().browser, bench().lab)
          const came = await tab.evaluate(call('lab.interrupt', { act, way }))
          expect(came).toEqual({ isFree: true, outcome: outcomes[act] })
          await tab.close()
        })

    test('while a save is being committed has saved, and nothing is thrown', async () => {
      const tab = await open(bench().browser, bench().lab)
      expect(await tab.evaluate('lab.interruptCommit()')).toEqual({ isSaved: true, thrown: [] })
      await tab.close()
    })

    test('learns when it is shown again of a change that no channel told it', async () => {
      const tab = await open(bench().browser, bench().lab)
      expect(await tab.evaluate("lab.changedWhileAside().then(() => 'heard')")).toBe('heard')
      await tab.close()
    })
  })
}
