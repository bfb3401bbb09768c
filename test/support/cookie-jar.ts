interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** As it was set, for tests that look at its attributes. */
  readonly header: string
}

/** Cookies as a browser keeps them: by host, whatever the port (RFC 6265 section 8.5), and by path. */
export class CookieJar {
  readonly #byHost = new Map<string, Cookie[]>()

  /** The Cookie header of a request. */
  header(url: string): string {
    const { hostname, pathname } = new URL(url)
    const sent = (this.#byHost.get(hostname) ?? []).filter(({ path }) => pathMatches(pathname, path))
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  /** Takes the Set-Cookie headers of an answer in. */
  keep(url: string, headers: readonly string[]): void {
    const { hostname } = new URL(url)
    for (const header of headers) {
      const cookie = parse(header)
      const others = this.all(hostname).filter(
        (known) => known.name !== cookie.name || known.path !== cookie.path,
      )
      this.#byHost.set(hostname, isOver(header) ? others : [...others, cookie])
    }
  }

  all(hostname: string): readonly Cookie[] {
    return this.#byHost.get(hostname) ?? []
  }

  /** As when the person cleared them, or opened another browser. */
  clear(): void {
    this.#byHost.clear()
  }
}

function parse(header: string): Cookie {
  const [pair = ''] = header.split(';', 1)
  const at = pair.indexOf('=')
  const [, path = '/'] = /; *path=([^;]*)/i.exec(header) ?? []
  return { name: pair.slice(0, at), value: pair.slice(at + 1), path, header }
}

function isOver(header: string): boolean {
  const [, expires] = /; *expires=([^;]*)/i.exec(header) ?? []
  return expires !== undefined && Date.parse(expires) <= Date.now()
}

/** RFC 6265 section 5.1.4. */
function pathMatches(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
