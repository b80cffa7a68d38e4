import { applicationTypeOf, localized } from '@registrant/node'
import type { RegistrationRequest } from '@registrant/node'
import { checkRequest } from '@registrant/node/checks'
import { expect, test } from 'vitest'

import { good } from '../checks/rows.ts'

test.each([
  ['web', ['https://app.example/cb']],
  ['web', []],
  ['web', ['http://app.example/cb']],
  ['web', ['http://app.localhost/cb']],
  ['web', ['no address']],
  ['native', ['http://127.0.0.1:8080/cb']],
  ['native', ['http://[::1]/cb']],
  ['native', ['http://localhost/cb', 'https://app.example/cb']],
  ['native', ['com.example.app:/cb']],
] as const)('a client is %s with the redirect URIs %s', (type, uris) => {
  expect(applicationTypeOf(uris)).toBe(type)
})

test('a text in several languages is spread into the metadata, and nothing is wrong with that', () => {
  const names = localized('client_name', { en: 'Orders', 'fr-CA': 'Commandes' })
  expect(names).toEqual({ 'client_name#en': 'Orders', 'client_name#fr-CA': 'Commandes' })
  const request: RegistrationRequest = { ...good, client_name: 'Orders', ...names }
  expect(checkRequest(request)).toEqual([])
})

test('words to find a client by are lists in every language', () => {
  expect(localized('keywords', { fr: ['commandes', 'achats'] })).toEqual({ 'keywords#fr': ['commandes', 'achats'] })
})
