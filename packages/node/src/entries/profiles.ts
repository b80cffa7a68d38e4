export * from '@registrant/core/profiles'
