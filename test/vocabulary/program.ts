import type { Member } from './members.ts'

const head = `
import type { RegistrationRequest, RegistrationResponse, UpdateRequest } from '@registrant/core'
import type { DraftMetadata } from '@registrant/core/drafts'

type Known<T> = keyof { [M in keyof T as string extends M ? never : M extends \`\${string}#\${string}\` ? never : M]: 1 }
type Kind<V> = 0 extends 1 & V ? 'any'
  : unknown extends V ? 'unknown'
  : [V] extends [string] ? 'string'
  : [V] extends [readonly string[]] ? 'strings'
  : [V] extends [boolean] ? 'boolean'
  : [V] extends [number] ? 'number'
  : [V] extends [readonly object[]] ? 'objects'
  : [V] extends [object] ? 'object'
  : 'other'
export type KindIn<T, M> = M extends Known<T> ? M extends keyof T ? Kind<NonNullable<T[M]>> : 'absent' : 'absent'
export type Item<V> = NonNullable<V> extends readonly (infer I)[] ? I : NonNullable<V>
export type Missing<V, Registered> = Exclude<Registered, Extract<V, Registered>>
export type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
`

/** A program that compiles where every member has the type that it should have; a message names the member. */
export function programOf(standard: readonly Member[], drafts: readonly Member[]): string {
  return [head, ...standard.flatMap(lines), ...drafts.map(draftLine)].join('\n')
}

function lines({ name, kind, direction, localizable = false, known, closed }: Member): string[] {
  const says = (type: string, value: string): string => `export const $${name}_${(count += 1)}: ${type} = ${value}`
  const request = `RegistrationRequest['${name}']`
  const response = `RegistrationResponse['${name}']`
  const update = ['client_id', 'client_secret'].includes(name) || direction !== 'response' ? kind : 'absent'
  const all = [
    says(`KindIn<RegistrationRequest, '${name}'>`, direction === 'response' ? `'absent'` : `'${kind}'`),
    says(`KindIn<RegistrationResponse, '${name}'>`, direction === 'request' ? `'absent'` : `'${kind}'`),
    says(`KindIn<UpdateRequest, '${name}'>`, `'${update}'`),
    says(`KindIn<DraftMetadata, '${name}'>`, `'absent'`),
    says(`'${name}#fr' extends keyof RegistrationRequest ? true : false`, String(localizable)),
  ]
  if (known !== undefined)
    all.push(
      says(`[Missing<Item<${request}>, ${union(known)}>] extends [never] ? true : false`, 'true'),
      says(`string extends Item<${request}> ? true : false`, 'true'),
    )
  if (closed !== undefined)
    all.push(
      says(`Is<NonNullable<${request}>, ${union(closed)}>`, 'true'),
      says(`[Missing<Item<${response}>, ${union(closed)}>] extends [never] ? true : false`, 'true'),
      says(`string extends Item<${response}> ? true : false`, 'true'),
    )
  return all
}

const draftLine = ({ name, kind }: Member): string =>
  `export const $${name}: [KindIn<DraftMetadata, '${name}'>, KindIn<RegistrationRequest, '${name}'>] = ['${kind}', 'absent']`

const union = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(' | ')

let count = 0
