import { NotSupportedError } from '@registrant/core'
import type * as OidcProvider from 'oidc-provider'

/** Loads oidc-provider, which the project of the test has to install. */
export async function loadOidcProvider(): Promise<typeof OidcProvider> {
  try {
    return await import('oidc-provider')
  } catch (cause) {
    throw new NotSupportedError(
      'unsupported',
      'The engine oidc-provider needs a package that could not be loaded: npm install --save-dev oidc-provider.',
      { cause },
    )
  }
}
