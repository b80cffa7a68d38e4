import type { DeliveryMode, OpenString, SigningAlgorithm } from '../values.ts'

/** The members of OpenID Connect Client-Initiated Backchannel Authentication (CIBA Core 1.0) section 4. */
export interface BackchannelMetadata {
  /**
   * How the client learns that the user has answered. Default: none. Required with the CIBA grant; closed in a request
   * (CIBA section 4).
   */
  backchannel_token_delivery_mode?: OpenString<DeliveryMode> | undefined
  /** The https address that the server calls. Default: none. Required for `ping` and `push` (CIBA section 4). */
  backchannel_client_notification_endpoint?: string | undefined
  /** The asymmetric algorithm of signed authentication requests. Default: they are not signed (CIBA section 4). */
  backchannel_authentication_request_signing_alg?: SigningAlgorithm | undefined
  /** The client sends a code that only the user knows. Default: false (CIBA section 4). */
  backchannel_user_code_parameter?: boolean | undefined
}
