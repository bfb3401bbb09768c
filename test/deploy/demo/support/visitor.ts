/** A minimal browser: keeps cookies and follows redirects within one origin. */
export interface Visitor {
  /** Follows redirects up to a page or another origin. */
  open(url: string): Promise<Visit>
  /** Sends the form of the page at this URL. */
  submit(url: string, fields: Record<string, string>): Promise<Visit>
}

interface Visit {
  /** Of the page, or of the redirect to another origin. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export function visitor(origin: string): Visitor {
  const cookies = new Map<string, string>()

  async function go(url: string, request: RequestInit): Promise<Visit> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...request, headers: { cookie }, redirect: 'manual' })
    for (const header of response.headers.getSetCookie()) keep(header)
    const location = response.headers.get('location')
    if (location === null) {
      return { url, status: response.status, headers: response.headers, text: await response.text() }
    }
    const next = new URL(location, url).href
    if (new URL(next).origin === origin) return await go(next, {})
    return { url: next, status: response.status, headers: response.headers, text: '' }
  }

  function keep(header: string): void {
    const [pair = ''] = header.split(';', 1)
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }

  return {
    open: (url) => go(url, {}),
    submit: (url, fields) => go(url, { method: 'POST', body: new URLSearchParams(fields) }),
  }
}
