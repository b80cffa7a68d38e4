export * from '@registrant/core/handover'
