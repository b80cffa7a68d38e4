import type { RegistrationRequest } from '@registrant/core'

/**
 * What a server was seen to do, as data: the other half of a profile. {@link profileConformance} makes a server of it, and
 * tries the profile against that.
 *
 * What is left out is as the specifications say. A member is named as on the wire; where one value of it matters, by
 * `member=value`.
 */
export interface ServerBehaviour {
  /** Which server, which release, where and when it was seen. */
  readonly seen: string
  /** A request that it registers as it is. */
  readonly takes: RegistrationRequest
  /** Further members that it keeps and says again, its own included; `client_name#`: with any language tag. */
  readonly knows: readonly string[]
  /** What it does with any other member: 400, nothing, or a 500 unless the value is text. */
  readonly others: 'refused' | 'ignored' | 'fails'
  /** `member`, `member=value`: answered 400, whatever else the request says. */
  readonly refuses?: readonly string[]
  /** `member`, `member=value`: taken, and not done as asked. */
  readonly alters?: readonly string[]
  /** From a standard member to the only name under which the server knows it. */
  readonly names?: Readonly<Record<string, string>>
  /** From a member that it answers although nobody sent it, to the member whose value it takes, or to a JSON value. */
  readonly derives?: Readonly<Record<string, { from: string } | { value: unknown }>>
  /** An update keeps the members that it leaves out, and takes away those that are empty. */
  readonly keepsLeftOut?: boolean
  /** Where clients register, below the issuer, and whether the metadata say so. Default: `/register`, announced. */
  readonly registration?: { readonly path: string; readonly announced: boolean }
  /** What registering needs. Default: nothing. */
  readonly access?: {
    /** What it answers to a token that it does not accept. */
    readonly refused: ServerAnswer
    readonly singleUse?: boolean
    /** It does not accept the scheme `DPoP`. */
    readonly bearerOnly?: boolean
  }
  /** What may be done with a client, and how. Default: all of RFC 7592, by a token that comes with the client. */
  readonly management?: {
    /** What authorizes it; `none`: no token and no address are handed out. */
    readonly by?: 'registration-token' | 'access-token' | 'none'
    /** The management address that it hands out is wrong; the right one lies below the registration endpoint. */
    readonly addressIsWrong?: boolean
    /** What it answers to an operation that it does not have. */
    readonly lacks?: Readonly<Partial<Record<'read' | 'update' | 'delete', ServerAnswer>>>
    /** A read shows a hash in place of the secret. */
    readonly showsHash?: boolean
    /** Operations that end the management token and bring another one. */
    readonly rotates?: readonly ('read' | 'update')[]
  }
  /** What the token endpoint answers to a code that nobody issued. */
  readonly token: {
    readonly known: ServerAnswer
    readonly unknown: ServerAnswer
    /** Default: as for a client that it does not know. */
    readonly wrongSecret?: ServerAnswer
    /** It does not form-decode the identifier and the secret of HTTP Basic. */
    readonly basicIsRaw?: boolean
    /** The audience that it wants in assertions. Default: its issuer identifier. */
    readonly audience?: 'token_endpoint'
  }
  /** Refusals that mean something else than the specifications say. */
  readonly refusals?: readonly (ServerAnswer & {
    readonly operation: 'token' | 'register' | 'read' | 'update' | 'delete'
  })[]
  /** It does not let every page of another origin ask it. */
  readonly refusesPages?: boolean
}

/** A status, and the code in `error`, if there is one. */
export interface ServerAnswer {
  readonly status: number
  readonly error?: string
}
