/** Base64 of `{"id","code"}`; whatever form it takes, it is no JWT and no API key, which are not to be pasted. */
const ONE_TIME_CODE = /^(?!qk_)[A-Za-z0-9+/_-]{16,2048}={0,2}$/

/** A one-time code as it was pasted, without the white space that came along; undefined for what is none. */
export function readQuiltCode(pasted: string): string | undefined {
  const code = pasted.replace(/\s+/g, '')
  return ONE_TIME_CODE.test(code) ? code : undefined
}
