/** A refusal: a status, and the OAuth error code that comes with it, if one does. */
export interface Refusal {
  status: number
  error?: string
}

/** How an authorization server behaves, as data: what real ones were seen to do. Nothing here depends on chance. */
export interface ServerBehaviour {
  /** A name for people. */
  name: string
  /** A registration brings a management address and a token (RFC 7592). */
  isManaged: boolean
  /** Each read brings another management token, and the old one ends. */
  rotatesOnRead: boolean
  /** Each update brings another management token, and the old one ends. */
  rotatesOnUpdate: boolean
  /** Milliseconds for which a token that was replaced still works. */
  graceTime: number
  /** An update is answered so, and nothing changes; 405, 501, or what a sign-in page answers: 302, 403, 404. */
  cannotUpdate: Refusal | undefined
  /** A read is answered so; where an update works all the same, its lost answer can't be looked up. */
  cannotRead: Refusal | undefined
  /** A deletion is answered so, and nothing changes. */
  cannotDelete: Refusal | undefined
  /** Milliseconds for which a secret lives; `undefined`: for ever. 0 and less: it has ended when it arrives. */
  secretLife: number | undefined
  /** An update brings another secret, with a life of its own. */
  updateRenewsSecret: boolean
  /** A read shows a hash in place of the secret (Spring). */
  readShowsHash: boolean
  /** Reads and updates show no secret at all, unless the update has made another. */
  hidesSecret: boolean
  /** The server tells by `Date` what time it is. */
  tellsDate: boolean
  /** A registration of the same software is given the `client_id` that another one has (RFC 7591 section 3.2.1). */
  givesSameClientId: boolean
  /** The answer to a token request of a client that it knows, with a code that nobody issued. */
  refusesCodeWith: Refusal
  /** The answer to a token request of a client that it does not know. */
  deniesUnknownWith: Refusal
  /** The answer to a token request with a secret that is not the client's. */
  deniesSecretWith: Refusal
  /** The answer to a management request for a client that it does not know, or with a token that is not the client's. */
  deniesManagementWith: Refusal
  /** A client works when somebody has approved it, so many milliseconds after it was made; `undefined`: at once. */
  approvesAfter: number | undefined
  /** Milliseconds after which each node knows what another one has registered. */
  nodesLearnAfter: number
  /** An update from a method without a secret (`none`) to one with a secret brings no secret. */
  updateBringsNoSecret: boolean
}

/** A server that does everything as the specifications say. */
export const plainServer: ServerBehaviour = {
  name: 'plain',
  isManaged: true,
  rotatesOnRead: false,
  rotatesOnUpdate: false,
  graceTime: 0,
  cannotUpdate: undefined,
  cannotRead: undefined,
  cannotDelete: undefined,
  secretLife: undefined,
  updateRenewsSecret: false,
  readShowsHash: false,
  hidesSecret: false,
  tellsDate: true,
  givesSameClientId: false,
  refusesCodeWith: { status: 400, error: 'invalid_grant' },
  deniesUnknownWith: { status: 401, error: 'invalid_client' },
  deniesSecretWith: { status: 401, error: 'invalid_client' },
  deniesManagementWith: { status: 401, error: 'invalid_token' },
  approvesAfter: undefined,
  nodesLearnAfter: 0,
  updateBringsNoSecret: false,
}

/** What single servers do otherwise; a world begins with one of these and changes some members more. */
export const servers: readonly ServerBehaviour[] = [
  plainServer,
  { ...plainServer, name: 'oidc-provider', rotatesOnUpdate: true },
  {
    ...plainServer,
    name: 'oidc-provider without management',
    cannotUpdate: { status: 404, error: 'invalid_request' },
    cannotDelete: { status: 404, error: 'invalid_request' },
  },
  {
    ...plainServer,
    name: 'Keycloak',
    rotatesOnUpdate: true,
    deniesSecretWith: { status: 401, error: 'unauthorized_client' },
  },
  { ...plainServer, name: 'Ory Hydra', rotatesOnUpdate: true, rotatesOnRead: true, hidesSecret: true },
  {
    ...plainServer,
    name: 'Spring Authorization Server',
    readShowsHash: true,
    cannotUpdate: { status: 302 },
    cannotDelete: { status: 404 },
  },
  { ...plainServer, name: 'Curity', rotatesOnRead: true, rotatesOnUpdate: true },
  {
    ...plainServer,
    name: 'glewlwyd',
    updateRenewsSecret: true,
    refusesCodeWith: { status: 403, error: 'invalid_code' },
    deniesUnknownWith: { status: 403, error: 'unauthorized_client' },
    deniesSecretWith: { status: 403, error: 'unauthorized_client' },
  },
  {
    ...plainServer,
    name: 'authhero',
    refusesCodeWith: { status: 403 },
    deniesUnknownWith: { status: 403 },
    deniesSecretWith: { status: 403 },
  },
  {
    ...plainServer,
    name: 'better-auth',
    isManaged: false,
    deniesUnknownWith: { status: 400, error: 'invalid_grant' },
    deniesSecretWith: { status: 400, error: 'invalid_grant' },
  },
  { ...plainServer, name: 'no management', isManaged: false },
  { ...plainServer, name: 'Matrix MAS', isManaged: false, givesSameClientId: true },
  { ...plainServer, name: 'a software id', givesSameClientId: true },
  { ...plainServer, name: 'a framework without PUT', cannotUpdate: { status: 405 } },
  { ...plainServer, name: 'a framework without GET', cannotRead: { status: 405 } },
  {
    ...plainServer,
    name: 'a token endpoint behind a sign-in page',
    refusesCodeWith: { status: 302 },
    deniesUnknownWith: { status: 302 },
    deniesSecretWith: { status: 302 },
  },
  {
    ...plainServer,
    name: 'a framework without PUT and DELETE',
    cannotUpdate: { status: 501 },
    cannotDelete: { status: 405 },
  },
]

/**
 * Whether a token endpoint tells by a refusal that it does not know a client, or its secret. The control question is answered as
 * a client is that the server does not know: a server that gives the same answer to both can't tell them apart.
 */
export const isDenial = (
  { refusesCodeWith, deniesUnknownWith }: Pick<ServerBehaviour, 'refusesCodeWith' | 'deniesUnknownWith'>,
  { status, error }: Refusal,
): boolean =>
  error === 'invalid_client' ||
  (status === 401 && error !== undefined) ||
  (error === 'unauthorized_client' && refusesCodeWith.error !== error && deniesUnknownWith.error !== error)
