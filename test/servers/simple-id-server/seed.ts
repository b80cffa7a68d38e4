import { randomUUID } from 'node:crypto'

import { dateTime, newClient } from './client.ts'
import type { Client } from './client.ts'
import { nothingAsked } from './members.ts'
import type { Version } from './vocabulary.ts'

/** A scope as the newer release shows it. */
export interface Scope {
  name: string
  mappers: { target_claim_path: string; [member: string]: unknown }[]
}

export interface Realm {
  name: string
}

/** The realm of everything that is there from the start, and an empty one. */
export function seededRealms(): Realm[] {
  return ['master', 'other'].map((name) => ({
    name,
    description: name,
    create_datetime: dateTime(),
    update_datetime: dateTime(),
  }))
}

const identity: Record<string, string[]> = {
  profile:
    `name family_name unique_name given_name middle_name nickname preferred_username profile picture website gender
    birthdate zoneinfo locale updated_at`.split(/\s+/),
  email: ['email', 'email_verified'],
  address: ['street', 'locality', 'region', 'postal_code', 'country', 'formatted'].map((part) => `address.${part}`),
  phone: ['phone_number', 'phone_number_verified'],
  role: ['role'],
  openid: ['sub'],
  scim: ['scim_id'],
}

/** The order is the stores' own: answers list the scopes of a client in it. `users` is twice in the newer release. */
const scopeNames: Record<Version, string> = {
  rc1: 'profile openid users register provisioning address networks role credential_offer',
  head: `profile configurations email address phone role openid offline_access scim uma_protection users
    authenticationschemeproviders authenticationmethods registrationworkflows register provisioning credconfs
    credinstances deferredcreds acrs workflows apiresources auditing scopes certificateauthorities recurringjobs clients
    forms realms groups templates migrations users`,
}

export function seededScopes(version: Version): Scope[] {
  return scopeNames[version].split(/\s+/).map((name) => ({
    source: null,
    id: randomUUID(),
    name,
    type: name in identity ? 0 : 1,
    protocol: name in identity ? 0 : 2,
    description: null,
    is_exposed: true,
    create_datetime: dateTime(),
    update_datetime: dateTime(),
    component: null,
    action: null,
    mappers: (identity[name] ?? []).map(mapper),
  }))
}

/** The claims that are read from a property of the user, each with that property; the others are attributes. */
const properties: Record<string, string> = {
  name: 'Firstname',
  family_name: 'Lastname',
  updated_at: 'UpdateDateTime',
  email: 'Email',
  email_verified: 'EmailVerified',
}

/** The claims that are no texts, with the number of their type. */
const claimTypes: Record<string, number | null> = { sub: null, updated_at: 5, email_verified: 3 }

function mapper(claim: string): Scope['mappers'][number] {
  const property = properties[claim] ?? null
  const subject = claim === 'sub'
  return {
    id: randomUUID(),
    name: claim,
    mapper_type: subject ? 2 : Number(property !== null),
    source_user_attribute: subject || property !== null ? null : claim,
    source_user_property: property,
    source_scim_path: null,
    target_claim_path: claim,
    include_in_accesstoken: false,
    saml_attribute_name: null,
    token_claim_json_type: claim in claimTypes ? claimTypes[claim] : 0,
    is_multivalued: false,
  }
}

/** The clients that are there before any registers: the page's own, and some whose tokens are special. */
export function seededClients(): Client[] {
  return [
    seeded('registerClient', ['register']),
    seeded('managementClient', ['users', 'register']),
    seeded('shortClient', ['register'], { tokenLifetime: 2 }),
    seeded('refClient', ['register'], { reference: true }),
    seeded('refUsersClient', ['users'], { reference: true }),
    seeded('basicClient2', ['register'], { method: 'client_secret_basic' }),
    seeded('basicClient', ['register'], { method: 'client_secret_basic', client_secret: 'pass:word' }),
  ]
}

function seeded(
  client_id: string,
  scopes: string[],
  { method = 'client_secret_post', ...more }: Partial<Client> & { method?: string } = {},
): Client {
  const asked = {
    ...nothingAsked(),
    texts: { token_endpoint_auth_method: method },
    lists: { grant_types: ['client_credentials'] },
  }
  const { registration_access_token: _, ...client } = newClient('master', asked, scopes)
  return { ...client, client_id, client_secret: 'password', ...more }
}
