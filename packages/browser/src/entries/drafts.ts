export type * from '@registrant/core/drafts'
