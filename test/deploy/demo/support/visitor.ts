/** A browser as far as a sign-in needs one: it keeps cookies and follows redirects within one origin. */
export interface Visitor {
  /** Opens the URL, and what that redirects to, up to a page or another origin. */
  open(url: string): Promise<Visit>
  /** Sends the form of the page at this URL. */
  submit(url: string, fields: Record<string, string>): Promise<Visit>
}

interface Visit {
  /** Where the browser ended up, or is sent to outside of the origin. */
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
