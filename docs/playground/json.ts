/** A JSON object that was parsed and that nobody has looked at yet. */
export type JsonObject = Record<string, unknown>

/** What a text is, or what keeps it from being a JSON object. */
export type Parsed = { object: JsonObject } | { problem: string }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a text as a JSON object. */
export function parseObject(text: string): Parsed {
  if (text.trim() === '') return { problem: 'There is nothing yet: it must be a JSON object.' }
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? { object: value } : { problem: 'It must be a JSON object.' }
  } catch (error) {
    return { problem: `It is not JSON: ${error instanceof Error ? error.message : String(error)}.` }
  }
}
