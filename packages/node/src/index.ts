export * from '@registrant/core'
