/** The members about how an authorization request is made: RFC 9101 (JAR), RFC 9126 (PAR), RFC 9396 (RAR). */
export interface AuthorizationRequestMetadata {
  /** The client always sends its requests as signed request objects. Default: false (RFC 9101 section 10.5). */
  require_signed_request_object?: boolean | undefined
  /** The client always pushes its authorization requests first. Default: false (RFC 9126 section 6). */
  require_pushed_authorization_requests?: boolean | undefined
  /** The `type` values of `authorization_details` that the client uses. Default: none (RFC 9396 section 10). */
  authorization_details_types?: string[] | undefined
}
