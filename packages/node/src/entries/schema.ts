export * from '@registrant/core/schema'
