import { expect, test } from 'vitest'

import { compile } from '../support/compile.ts'

const library = `
export interface Registers { register(metadata: RegistrationRequest): Promise<RegistrationResponse> }
export const nameOf = (metadata: RegistrationRequest): string => metadata.client_name ?? 'unnamed'
`

test.each([
  ['import type {', {}],
  ['import {', {}],
  ['import type {', { verbatimModuleSyntax: true }],
])('a library that imports only types emits no import: %s', (keyword, options) => {
  const names = `${keyword} RegistrationRequest, RegistrationResponse } from '@registrant/core'`
  const { errors, output } = compile(names + library, { options })
  expect(errors).toEqual([])
  expect(output).toContain('nameOf')
  expect(output).not.toMatch(/import|require|registrant/)
})

test.each(['core', 'node', 'browser'])(
  'no types of ky, zod or jose come with @registrant/%s or one of its entry points',
  (name) => {
    const entryPoints = ['', '/checks', '/drafts', '/exchange', '/keys', '/profiles', '/schema']
    const program = entryPoints
      .map((entryPoint, index) => `export type * as entryPoint${index} from '@registrant/${name}${entryPoint}'`)
      .join('\n')
    const { errors, files } = compile(program, { options: { lib: ['es2023', 'dom'], skipLibCheck: false } })
    expect(errors).toEqual([])
    expect(files.some((file) => file.includes('@registrant/core/dist/types/schema/index.d.ts'))).toBe(true)
    expect(files.filter((file) => /node_modules\/(?:ky|zod|jose)\//.test(file))).toEqual([])
  },
)

const parts = `
export const adviceOf = (profile: ServerProfile) => profile.advice
export const firstOf = (profile: ServerProfile) => profile.advice?.[0]
export const routeOf = (status: RegistrationStatus) => status.route
export const chosen = (event: RegistrationEvent) => (event.type === 'chosen' ? event.route : undefined)
export const preferred = (options: ManagerOptions) => options.prefer
export const preRegistered = (options: ManagerOptions) => options.preRegistered
export const without = ({ store, ...others }: ManagerOptions) => others
export const sending = ({ issuer, server, ...others }: ClientOptions) => others
`

test.each(['core', 'node', 'browser'])(
  'a library can hand on what the types of @registrant/%s consist of: each has a name that its declarations may say',
  (name) => {
    const types = 'ClientOptions, ManagerOptions, RegistrationEvent, RegistrationStatus, ServerProfile'
    const program = `import type { ${types} } from '@registrant/${name}'${parts}`
    expect(compile(program, { options: { declaration: true } }).errors).toEqual([])
  },
)
