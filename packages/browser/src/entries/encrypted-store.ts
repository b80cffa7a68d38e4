export * from '@registrant/core/encrypted-store'
