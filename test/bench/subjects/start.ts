import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { fileStore, RegistrationManager } from '@registrant/node'

import { newFolder } from '../../starters/folder.ts'
import { timedWhole } from '../child.ts'
import { startServer } from '../start-server.ts'
import type { Subject } from '../subject.ts'

const read = (file: string): string =>
  `const text = await (await import('node:fs/promises')).readFile(${JSON.stringify(file)}, 'utf8')`
const digest = `await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))`

export const startSubject: Subject = {
  name: 'start',
  title: 'Start with a good record',
  about:
    'A whole process, from its start until the credentials are in hand. The server is stopped before: no start makes a request.',
  rounds: 41,
  figures: { cpu: 'ms of processor time', wall: 'ms' },
  base: 'reads the file, makes one SHA-256',
  goal: { way: '`manager.ensure()`', most: 1.15 },
  async open() {
    const folder = await newFolder()
    const options = { application: 'bench', metadata: { redirect_uris: ['https://app.example/callback'] } }
    const server = await startServer()
    const given = { ...options, server: server.usual }
    await using manager = new RegistrationManager({ ...given, store: fileStore(folder.path) })
    await manager.ensure()
    await server[Symbol.asyncDispose]()

    const file = join(folder.path, 'same')
    const kept = (await readdir(folder.path, { recursive: true })).toSorted().filter((name) => /\/\d+$/.test(name))
    await copyFile(join(folder.path, kept.at(-1) ?? ''), file)
    const ensure = `const { RegistrationManager, fileStore } = await import('@registrant/node')
      await new RegistrationManager({ ...${JSON.stringify(given)}, store: fileStore('${folder.path}') }).ensure()`
    return {
      ways: {
        'reads the file, makes one SHA-256': timedWhole(`${read(file)}; ${digest}`),
        'only reads the file': timedWhole(read(file)),
        'imports us, reads the file': timedWhole(`await import('@registrant/node'); ${read(file)}`),
        'imports us, reads the file, makes one SHA-256': timedWhole(
          `await import('@registrant/node'); ${read(file)}; ${digest}`,
        ),
        '`manager.ensure()`': timedWhole(ensure),
      },
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    }
  },
}
