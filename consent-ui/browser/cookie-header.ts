interface CookieAttributes {
  readonly secure: boolean
  /** Milliseconds since 1970. */
  readonly expiresMs: number
}

/** Reads matching cookies as sent; the first of equal names counts. Koa's own reader keeps a RegExp per name. */
export function readCookies(header: string, namesLike: RegExp): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(equals, 0)).trim()
    if (namesLike.test(name) && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

/** A Set-Cookie header (RFC 6265 section 4.1) for this host, not readable by scripts. */
export function setCookie(name: string, value: string, { secure, expiresMs }: CookieAttributes): string {
  const expires = new Date(expiresMs).toUTCString()
  return `${name}=${value}; path=/; expires=${expires}; samesite=lax${secure ? '; secure' : ''}; httponly`
}
