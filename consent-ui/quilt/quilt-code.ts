/** Base64 of `{"id","code"}`. A JWT or an API key must not be pasted and does not match. */
const ONE_TIME_CODE = /^(?!qk_)[A-Za-z0-9+/_-]{16,2048}={0,2}$/

/** Reads a pasted one-time code, ignoring white space; undefined if it is not one. */
export function readQuiltCode(pasted: string): string | undefined {
  const code = pasted.replace(/\s+/g, '')
  return ONE_TIME_CODE.test(code) ? code : undefined
}
