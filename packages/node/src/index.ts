export * from '@registrant/core'
export { fileStore } from './file-store/file-store.ts'
export { publishEvents } from './publish-events.ts'
