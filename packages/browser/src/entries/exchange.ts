export * from '@registrant/core/exchange'
