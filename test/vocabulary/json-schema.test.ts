import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

import { keycloak } from '@registrant/core/profiles'
import { registrationRequestSchemaFor, updateRequestSchemaFor } from '@registrant/core/schema'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'

const { resolve } = createRequire(import.meta.url)
const names = [
  'registration-request',
  'registration-request-members',
  'update-request',
  'update-request-members',
  'registration-response',
]

const schemaIn = (name: string, home = 'core'): object =>
  JSON.parse(readFileSync(resolve(`@registrant/${home}/schema/${name}.json`), 'utf8'))

const drafts = {
  '2020-12': { suffix: '', validator: () => new Ajv2020({ allErrors: true }) },
  '07': { suffix: '.draft-07', validator: () => new Ajv({ allErrors: true }) },
}

describe.each(Object.entries(drafts))('in draft %s', (_, { suffix, validator }) => {
  /** A validator of that draft, which knows all of ours and is strict about schemas. */
  const all = () => {
    const ajv = addFormats.default(validator())
    for (const name of names) ajv.addSchema(schemaIn(`${name}${suffix}`))
    return (name: string, value: unknown): unknown =>
      ajv.validate(`https://github.com/registrant/registrant/schema/${name}${suffix}.json`, value)
  }

  test('a validator takes each schema by its $id, and says of a value whether it fits', () => {
    const fits = all()
    const request = {
      redirect_uris: ['https://app.example/cb', 'com.example.app:/cb'],
      token_endpoint_auth_method: 'a_method_of_tomorrow',
      application_type: 'native',
      'client_name#fr': 'Commandes',
      'logo_uri#fr': 'https://app.example/fr.png',
    }
    expect(fits('registration-request', request)).toBe(true)
    expect(fits('update-request', { ...request, client_id: 'c' })).toBe(true)
    expect(fits('update-request', request)).toBe(false)
    for (const wrong of [
      { redirect_uris: 'https://app.example/cb' },
      { redirect_uris: ['/cb'] },
      { client_uri: 'app.example' },
      { 'logo_uri#fr': 'fr.png' },
      { application_type: 'browser' },
      { redirect_uri: 'https://app.example/cb' },
    ]) {
      expect(fits('registration-request', wrong), JSON.stringify(wrong)).toBe(false)
      expect(fits('update-request', { client_id: 'c', ...wrong }), JSON.stringify(wrong)).toBe(false)
    }
    // An answer is read as it comes.
    expect(fits('registration-response', { client_id: 'c', client_uri: '', vendor: [1], application_type: 'x' })).toBe(
      true,
    )
    expect(fits('registration-response', { client_id: 7 })).toBe(false)
  })

  test('members of a profile stand beside those that are known, where somebody adds them', () => {
    const fits = all()
    expect(
      fits('registration-request-members', { client_name: 'Orders', backchannel_logout_revoke_offline_tokens: true }),
    ).toBe(true)
    expect(fits('registration-request-members', { client_name: 7 })).toBe(false)
    expect(fits('update-request-members', { client_id: 'c', backchannel_logout_revoke_offline_tokens: true })).toBe(
      true,
    )
  })

  test.each(['node', 'browser'])('@registrant/%s has the same', (home) => {
    for (const name of names) expect(schemaIn(`${name}${suffix}`, home)).toEqual(schemaIn(`${name}${suffix}`))
  })
})

test('a schema of somebody’s own closes what it adds to', () => {
  const ajv = addFormats.default(new Ajv2020())
  ajv.addSchema(schemaIn('registration-request-members'))
  const page = readFileSync(new URL('../../docs/metadata.md', import.meta.url), 'utf8')
  const [, written = ''] = /```json\n(\{[^`]*unevaluatedProperties[^`]*)```/.exec(page) ?? []
  const fits = ajv.compile(JSON.parse(written))
  expect(fits({ client_name: 'Orders', backchannel_logout_revoke_offline_tokens: true })).toBe(true)
  expect(fits({ client_name: 'Orders', backchannel_logout_revoke_offline_tokens: 'yes' })).toBe(false)
  expect(fits({ client_name: 'Orders', redirect_uri: 'https://app.example/cb' })).toBe(false)
})

test('as Standard Schema, the members that a profile knows may be there, and no others', () => {
  const request = registrationRequestSchemaFor(keycloak)['~standard']
  expect(
    request.validate({ client_name: 'Orders', backchannel_logout_revoke_offline_tokens: true }),
  ).not.toHaveProperty('issues')
  expect(request.validate({ backchannel_logout_revoke_tokens: true })).toMatchObject({
    issues: [{ path: ['backchannel_logout_revoke_tokens'] }],
  })
  expect(request.validate({ client_name: 7 })).toMatchObject({ issues: [{ path: ['client_name'] }] })
  const update = updateRequestSchemaFor(keycloak)['~standard']
  const own = { client_id: 'c', backchannel_logout_revoke_offline_tokens: true }
  expect(update.validate(own)).not.toHaveProperty('issues')
  expect(update.validate({ backchannel_logout_revoke_offline_tokens: true })).toMatchObject({
    issues: [{ path: ['client_id'] }],
  })
  const open = registrationRequestSchemaFor({ name: 'In-house server' })['~standard']
  expect(open.validate({ cost_center: '7' })).not.toHaveProperty('issues')
})
