/** What a text says as JSON; undefined for what is none. A parser's own message would quote what it read. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
