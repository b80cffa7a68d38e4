export * from '@registrant/core/testing'
