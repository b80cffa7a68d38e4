import { partOf } from '../exchange/asked.ts'
import type { Check } from './find.ts'

/** R23: a software statement is a signed JWT that says who vouches. */
export const statement: Check = ({ software_statement: jwt }, find) => {
  if (jwt === undefined) return
  const [header, claims] = [partOf(jwt, 0), partOf(jwt, 1)]
  const say = (message: string, level?: 'SHOULD'): void =>
    find('R23', 'software_statement', message, 'RFC 7591 section 2.3', level)
  if (header === undefined || claims === undefined) say('It must be a JWT.')
  else if (typeof header['alg'] !== 'string' || header['alg'] === 'none') say('It must be signed.')
  // The RFC requires it, and its own example has none.
  else if (typeof claims['iss'] !== 'string') say('It must name its issuer (iss).', 'SHOULD')
}
