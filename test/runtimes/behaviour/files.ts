import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { fileStore, RegistrationManager } from '@registrant/node'
import { storeConformance } from '@registrant/node/testing'

import { equal } from './case.ts'
import type { Case } from './case.ts'

const inFolder = async (act: (path: string) => Promise<void>): Promise<void> => {
  const path = await mkdtemp(join(tmpdir(), 'registrant-runtimes-'))
  try {
    await act(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** What a runtime can that has files. */
export const fileCases: readonly Case[] = [
  {
    name: '@registrant/node: fileStore conforms',
    run: () =>
      inFolder(async (path) => {
        for (const { run } of storeConformance(() => fileStore(path))) await run()
      }),
  },
  {
    name: '@registrant/node: a client is kept in a folder',
    run: ({ usual }) =>
      inFolder(async (path) => {
        const metadata = { redirect_uris: ['https://app.example/callback'] }
        const manage = () =>
          new RegistrationManager({ issuer: usual, application: 'orders', metadata, store: fileStore(path) })
        equal((await manage().ensure()).client_id, (await manage().ensure()).client_id)
      }),
  },
]
