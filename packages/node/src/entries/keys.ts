export * from '@registrant/core/keys'
