import * as profiles from '@registrant/core/profiles'
import * as z from 'zod/mini'

import type { Config } from './config.ts'

/** The profiles, by the names of their exports. */
const profileNames: readonly string[] = Object.keys(profiles)

const text = (message: string) => z.optional(z.string(message).check(z.minLength(1, message)))
const path = text('Name a file.')
const address = 'Give the address as the server spells it, such as https://login.example.com.'
const number = 'Give a whole number from 0 up; a later declaration has a higher one.'
const flag = 'Give true or false.'
const keys =
  'Give true, false, or an object as the option keys of a manager has it: alg, rotateAfter (milliseconds, above 0), audience (issuer or token_endpoint).'
const origins = 'Give exact origins, such as http://keycloak:8080.'
/** Whether the options of a manager take this as an address: a URL without white space around it. */
export const isAddress = (value: string): boolean => URL.canParse(value) && !/^\s|\s$/.test(value)
const isOrigin = (value: string): boolean =>
  URL.canParse(value) && new URL(value).origin === value && !value.includes('*')

/** The members of a configuration file, by their schemas. What they mean stands in `Config`, and is taken from there. */
export const fileMembers: Readonly<Record<string, z.core.$ZodType>> = {
  $schema: z.optional(z.string('Give the address of a JSON Schema.')),
  issuer: z.optional(z.string(address).check(z.refine(isAddress, address))),
  application: text('Name the application.'),
  instance: text('Name the instance.'),
  clientId: text('Name the client.'),
  clientSecretFile: path,
  authentication: z.optional(
    z.enum(['client_secret_basic', 'client_secret_post'], 'Give client_secret_basic or client_secret_post.'),
  ),
  scope: text('Give scopes, separated by spaces.'),
  initialAccessTokenFile: path,
  metadata: z.optional(
    z.union(
      [z.string(), z.record(z.string(), z.unknown())],
      'Give the path of a JSON file, or the metadata themselves.',
    ),
  ),
  keys: z.optional(
    z.union(
      [
        z.boolean(),
        z.strictObject(
          {
            alg: text(keys),
            rotateAfter: z.optional(z.number(keys).check(z.positive(keys))),
            audience: z.optional(z.enum(['issuer', 'token_endpoint'], keys)),
          },
          keys,
        ),
      ],
      keys,
    ),
  ),
  expectExisting: z.optional(z.boolean(flag)),
  store: text('Name a store, such as file:/var/lib/orders.'),
  storeFile: path,
  storeKeyFile: path,
  profile: z.optional(z.enum(profileNames, `There is no such profile. Give one of ${profileNames.join(', ')}.`)),
  generation: z.optional(z.int(number).check(z.nonnegative(number))),
  allowHttp: z.optional(z.array(z.string(origins).check(z.refine(isOrigin, origins)), origins)),
} satisfies { [M in keyof Required<Config>]: z.ZodMiniType<M extends 'metadata' ? unknown : Config[M]> }

/** Members that only the environment may give: secrets belong in no configuration file. */
export const secretMembers: readonly string[] = ['clientSecret', 'initialAccessToken', 'storeKey']

/** Members that may stand in a file which another member names: `clientSecret` in that of `clientSecretFile`. */
export const filedMembers: readonly string[] = [...secretMembers, 'store']

/** Every member that a variable may set. */
export const memberNames: readonly string[] = [
  ...Object.keys(fileMembers).filter((name) => name !== '$schema'),
  ...secretMembers,
]

/** The variable that sets a member: `clientId` is `REGISTRANT_CLIENT_ID`. */
export const variableOf = (name: string): string =>
  `REGISTRANT_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
