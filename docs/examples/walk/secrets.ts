import type { Exchange } from './exchanges.ts'

export const redacted = '[redacted]'

const secretMembers =
  /^(?:client_secrets?|access_token|refresh_token|id_token|registration_access_token|client_assertion)$/

export const isSecret = (member: string): boolean => secretMembers.test(member)

const known = new Set<string>()

/** From now on this is struck out of everything that is shown. */
export function learnSecret(secret: string): void {
  if (secret !== '') known.add(secret)
}

/** Learns the secrets of an exchange: what authorizes the request, and what either side says under a secret's name. */
export function learnSecretsOf({ authorization, sent, answered }: Exchange): void {
  learnSecret(authorization?.split(' ').at(-1) ?? '')
  for (const [member, value] of [...Object.entries(sent), ...Object.entries(answered)])
    if (isSecret(member)) textsIn(value).forEach(learnSecret)
}

/** The text without any secret that is known. */
export function strike(text: string): string {
  const longestFirst = [...known].toSorted((one, other) => other.length - one.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
