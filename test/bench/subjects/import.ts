import { timed } from '../child.ts'
import type { Subject } from '../subject.ts'

const modules = {
  oauth4webapi: 'oauth4webapi',
  '@registrant/node': '@registrant/node',
  '@registrant/core': '@registrant/core',
  'openid-client': 'openid-client',
  '@modelcontextprotocol/sdk': '@modelcontextprotocol/sdk/client/auth.js',
}

export const importSubject: Subject = {
  name: 'import',
  title: 'Import',
  about: 'What the first `import` of a process takes, from before it until after it, in a fresh process each time.',
  rounds: 41,
  figures: { cpu: 'ms of processor time', wall: 'ms' },
  base: 'oauth4webapi',
  goal: { way: '@registrant/node', most: 1.3 },
  async open() {
    const ways = Object.entries(modules).map(([name, specifier]) => [name, timed(`await import('${specifier}')`)])
    return { ways: Object.fromEntries(ways), async [Symbol.asyncDispose]() {} }
  },
}
