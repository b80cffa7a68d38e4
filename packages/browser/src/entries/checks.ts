export * from '@registrant/core/checks'
