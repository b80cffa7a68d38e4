export * from '@registrant/core/identity'
export type { CheckedDocument } from '../identity/check-document-at.ts'
export { checkDocumentAt } from '../identity/check-document-at.ts'
export type { DocumentAtOptions } from '../identity/fetch-document.ts'
