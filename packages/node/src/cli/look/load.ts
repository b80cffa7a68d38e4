import type * as identity from '@registrant/core/identity'
import type * as keys from '@registrant/core/keys'

import type * as documentCheck from '../../identity/check-document-at.ts'
import type * as certificate from './certificate.ts'
import type * as jwt from './jwt.ts'

// Modules of one command each, with TLS, jose or more rules: without them the others start in two thirds of the processor time.
export const loadCertificate = (): Promise<typeof certificate> => import('./certificate.ts')
export const loadDocumentCheck = (): Promise<typeof documentCheck> => import('../../identity/check-document-at.ts')
export const loadIdentity = (): Promise<typeof identity> => import('@registrant/core/identity')
export const loadKeys = (): Promise<typeof keys> => import('@registrant/core/keys')
export const loadJwt = (): Promise<typeof jwt> => import('./jwt.ts')
