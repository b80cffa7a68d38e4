export { clientProof } from '../client-proof.ts'
// Left out are proofs by a secret, which a page can't keep, and TLS certificates, which a page can't choose.
export { dpop, generateClientKeys, none, privateKeyJwt, signSoftwareStatement } from '@registrant/core/keys'
export type {
  AssertionOptions,
  ClientKeys,
  ClientKeysOptions,
  ClientProofOptions,
  DpopOptions,
  Jwk,
  PrivateKeyJwtOptions,
  SigningKey,
  SigningOptions,
  SoftwareStatementClaims,
} from '@registrant/core/keys'
