import type { LocalizableMember } from './localized.ts'

const words =
  'client_name client_uri logo_uri tos_uri policy_uri organization_name description keywords information_uri organization_uri'

/** The members that may be said in several languages. Does not compile when one of the type is missing. */
export const localizable: readonly (LocalizableMember extends Word<typeof words> ? string : never)[] = words.split(' ')

type Word<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Word<Rest> : Text
