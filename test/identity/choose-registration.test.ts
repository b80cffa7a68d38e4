// chooseRegistration(): which client an application is at a server, by what it has and what the server offers.
import { chooseRegistration } from '@registrant/node/identity'
import type { ClientIdentities, RegistrationRoute } from '@registrant/node/identity'
import { hydra } from '@registrant/node/profiles'
import { describe, expect, test } from 'vitest'

const issuer = 'https://as.example'
const byHand = { issuer, client_id: 'by-hand', client_secret: 's3cret-by-hand' }
const elsewhere = { issuer: 'https://other.example', client_id: 'elsewhere' }
const metadataDocument = 'https://app.example/client.json'
const takes = { client_id_metadata_document_supported: true }
const registers = { registration_endpoint: `${issuer}/register` }
const all = { preRegistered: byHand, metadataDocument }

const rows: [what: string, RegistrationRoute, asked: ClientIdentities, server: object][] = [
  ['the client that was registered by hand comes first', 'pre-registered', all, { ...takes, ...registers }],
  ['nobody has to offer anything for it', 'pre-registered', all, {}],
  ['it may be one of several', 'pre-registered', { preRegistered: [elsewhere, byHand] }, {}],
  ['it is never used at another issuer', 'dynamic', { preRegistered: elsewhere }, registers],
  [
    'an issuer is compared as an exact string',
    'dynamic',
    { preRegistered: { ...byHand, issuer: `${issuer}/` } },
    registers,
  ],
  ['a document comes before registering', 'metadata-document', { metadataDocument }, { ...takes, ...registers }],
  [
    'a document is good at every server that takes one',
    'metadata-document',
    { metadataDocument, preRegistered: elsewhere },
    takes,
  ],
  ['a server has to say that it takes documents', 'dynamic', { metadataDocument }, registers],
  [
    'and to say it with true',
    'dynamic',
    { metadataDocument },
    { client_id_metadata_document_supported: 'true', ...registers },
  ],
  ['registering is what is left', 'dynamic', {}, registers],
  ['somebody has to be asked where there is no way', 'ask', {}, takes],
  ['somebody has to be asked where there is no way', 'ask', { preRegistered: elsewhere, metadataDocument }, {}],
  ['prefer puts a way first', 'metadata-document', { ...all, prefer: 'metadata-document' }, { ...takes, ...registers }],
  ['prefer puts a way first', 'dynamic', { ...all, prefer: 'dynamic' }, { ...takes, ...registers }],
  [
    'a preferred way that is closed is passed over',
    'pre-registered',
    { ...all, prefer: 'metadata-document' },
    registers,
  ],
  [
    'a preferred way that is closed is passed over',
    'metadata-document',
    { metadataDocument, prefer: 'dynamic' },
    takes,
  ],
]

describe('chooseRegistration()', () => {
  test.each(rows)('%s: %s', (_, route, asked, server) => {
    const choice = chooseRegistration({ ...asked, server: { issuer, ...server }, metadata: {} })
    expect(choice).toMatchObject({ route, reason: expect.stringMatching(/^[A-Z].+\.$/) })
    expect(choice.client_id).toBe(
      { 'pre-registered': 'by-hand', 'metadata-document': metadataDocument, dynamic: undefined, ask: undefined }[route],
    )
    expect(choice.reason).not.toContain('s3cret')
  })

  test('a declared method that needs a secret closes the way by a document', () => {
    const server = { issuer, ...takes, ...registers }
    const metadata = { token_endpoint_auth_method: 'client_secret_basic' }
    const { route, reason } = chooseRegistration({ server, metadataDocument, metadata })
    expect(route).toBe('dynamic')
    expect(reason).toContain('client_secret_basic needs a secret')
  })

  test('a profile may know the endpoint that the metadata do not name', () => {
    const { route } = chooseRegistration({ server: { issuer }, metadataDocument, profile: hydra })
    expect(route).toBe('dynamic')
  })

  test('the reason says why each way before it is closed', () => {
    const { reason } = chooseRegistration({ server: { issuer }, preRegistered: elsewhere, metadataDocument })
    expect(reason).toBe(
      'The client that was registered by hand belongs to another issuer. The server does not say that it fetches client ID metadata documents. The server names no registration endpoint. Somebody has to register a client by hand: give it as preRegistered.',
    )
  })

  test('a client that was registered by hand and names nobody is refused, and not passed over', () => {
    for (const preRegistered of [
      { ...byHand, client_id: '' },
      { ...byHand, client_secret: '' },
      [byHand, { ...elsewhere, issuer: '' }],
    ])
      expect(() => chooseRegistration({ server: { issuer, ...registers }, preRegistered })).toThrow('preRegistered')
  })

  test('an address that can be no identifier is refused, and not passed over', () => {
    expect(() =>
      chooseRegistration({ server: { issuer, ...takes }, metadataDocument: 'http://app.example/c' }),
    ).toThrow('metadataDocument')
  })
})
