const CONTROL_CHARACTER = /\p{Cc}/u

/** Whether a name or URI is the same to everybody: control characters are part of none, and NUL ends one for some. */
export function isPlain(text: string): boolean {
  return !CONTROL_CHARACTER.test(text)
}
