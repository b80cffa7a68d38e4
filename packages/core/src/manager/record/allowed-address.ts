import { managementAddress } from '../../exchange/addresses.ts'
import { isObject } from '../../exchange/json.ts'
import type { KeeperOptions } from '../options.ts'
import type { RegistrationRecord } from './record.ts'

/**
 * A record whose client has a management token and no address for it, since the server named one on a foreign origin: where
 * the options name that origin by now, the address is taken from what was answered.
 */
export function withAllowedAddress(
  record: RegistrationRecord,
  { allowedOrigins, allowHttp, issuer = '', server = { issuer } }: KeeperOptions,
): RegistrationRecord {
  const { registration, raw } = record
  if (allowedOrigins === undefined || registration?.registration_access_token === undefined) return record
  const given =
    isObject(raw) && raw['client_id'] === registration.client_id ? raw['registration_client_uri'] : undefined
  if (registration.registration_client_uri !== undefined || typeof given !== 'string') return record
  const address = managementAddress(given, { server, allowedOrigins, allowHttp })
  return 'uri' in address
    ? { ...record, registration: { ...registration, registration_client_uri: address.uri } }
    : record
}
