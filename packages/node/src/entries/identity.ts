export * from '@registrant/core/identity'
