/** What the server answers. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Why it refuses: an OAuth error code and a sentence. */
export interface Refusal {
  error: string
  description: string
}

/** The original throws here and answers 500. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export const empty = (status: number, headers: Record<string, string> = {}): Answer => ({ status, headers, body: '' })

/** Most answers: little is escaped. */
export const json = (status: number, value: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value).replace(/[\u007f\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]/g, escaped),
})

export const refused = ({ error, description }: Refusal): Answer => json(400, { error, error_description: description })

/** The answer to a registration: written by another hand, with everything escaped. */
export const created = (value: object): Answer => ({
  status: 201,
  headers: { 'content-type': 'application/json' },
  body: escapeAll(JSON.stringify(value)),
})

/** Success at the token endpoint. */
export const granted = (value: object): Answer => {
  const { status, headers, body } = json(200, value)
  return { status, headers: { ...headers, ...neverStored }, body }
}

/** An error at the token endpoint: over four lines. */
export const denied = ({ error, description }: Refusal): Answer => ({
  status: 400,
  headers: { 'content-type': 'application/json', ...neverStored },
  body: escapeAll(JSON.stringify({ error, error_description: description }, null, 2)),
})

const neverStored = { 'cache-control': 'no-store', pragma: 'no-cache' }

function escapeAll(text: string): string {
  return text.replace(/\\\\|\\"|[<>&'+`\u007f-\uffff]/g, (found) => {
    if (found === '\\\\') return found
    return found === '\\"' ? escaped('"') : escaped(found)
  })
}

function escaped(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
    .join('')
}
