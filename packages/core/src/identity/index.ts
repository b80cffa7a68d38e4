export { checkClientMetadataDocument } from './check-document.ts'
export type {
  ClientIdentities,
  PreferredRoute,
  PreRegisteredClient,
  RegistrationChoice,
  RegistrationRoute,
  ServerOffers,
} from './choose-registration.ts'
export { chooseRegistration } from './choose-registration.ts'
export { checkClientIdUrl } from './client-id-url.ts'
export type { DiscoveredResource, ResourceOptions } from './discover-resource.ts'
export { discoverProtectedResource } from './discover-resource.ts'
export type { ClientMetadataDocument, DocumentHandlerOptions, DocumentMetadata, FetchHandler } from './document.ts'
export { clientMetadataDocument, metadataDocumentHandler } from './document.ts'
export type { McpClient } from './mcp.ts'
export { checkMcpClient } from './mcp.ts'
export type { Challenge } from '../exchange/answer-headers.ts'
export { readChallenges } from '../exchange/answer-headers.ts'
export type { Refused } from './resource-metadata.ts'
export { protectedResourceRequests, readProtectedResource } from './resource-metadata.ts'
