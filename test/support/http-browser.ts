import { CookieJar } from './cookie-jar.ts'
import { readForm, type Form } from './html-form.ts'

/** The page after every redirect was followed. */
export interface Page {
  /** The last URL; outside the browser's origins, the redirect's target. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Every requested URL, the last one included. */
  readonly visited: readonly string[]
}

interface Visit {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: URLSearchParams
}

const MAX_REDIRECTS = 10

/** A browser as far as OAuth needs one: cookies, redirects and forms. It runs no script and draws nothing. */
export class HttpBrowser {
  readonly cookies = new CookieJar()
  readonly #origins: ReadonlySet<string> | undefined
  readonly #headers: Readonly<Record<string, string>>

  /**
   * @param origins - where it may go, anywhere if absent; what leads elsewhere, to a client's callback, ends the visit
   * @param headers - of each request
   */
  constructor(origins?: readonly string[], headers: Readonly<Record<string, string>> = {}) {
    this.#origins = origins && new Set(origins)
    this.#headers = headers
  }

  /** @param from - the page whose link it follows, which the browser says of it on every redirect too */
  async open(url: string, from?: string): Promise<Page> {
    return await this.#go(
      url,
      { method: 'GET', ...(from === undefined ? {} : { headers: { referer: from } }) },
      [],
    )
  }

  async press(page: Page, button: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = readForm(page.text, page.url)
    return await this.submit(form.action, { ...form.fields, ...fields, ...pressed(form, button) })
  }

  /**
   * Sends a form.
   *
   * @param origin - whose page the form is on; its own site's when left out
   */
  async submit(
    url: string,
    fields: Readonly<Record<string, string>> | URLSearchParams,
    origin: string | undefined = new URL(url).origin,
  ): Promise<Page> {
    const visit: Visit = { method: 'POST', headers: { origin }, body: new URLSearchParams(fields) }
    return await this.#go(url, visit, [])
  }

  async #go(url: string, visit: Visit, before: readonly string[]): Promise<Page> {
    if (before.length > MAX_REDIRECTS) throw new Error(`redirected in a circle: ${before.join(' ')}`)
    const headers = { ...this.#headers, ...visit.headers, cookie: this.cookies.header(url) }
    const response = await fetch(url, { ...visit, headers, redirect: 'manual' })
    this.cookies.keep(url, response.headers.getSetCookie())
    const visited = [...before, url]
    const { status } = response
    const location = response.headers.get('location')
    if (location === null) {
      return { url, status, headers: response.headers, text: await response.text(), visited }
    }
    await response.body?.cancel()
    const next = new URL(location, url)
    if (this.#origins?.has(next.origin) !== false) {
      const { referer } = visit.headers ?? {}
      return await this.#go(
        next.href,
        { method: 'GET', ...(referer === undefined ? {} : { headers: { referer } }) },
        visited,
      )
    }
    return { url: location, status, headers: response.headers, text: '', visited }
  }
}

function pressed(form: Form, text: string): Record<string, string> {
  const button = form.buttons.find((candidate) => candidate.text === text)
  if (button === undefined) throw new Error(`the page has no button ${text}`)
  return button.name === undefined ? {} : { [button.name]: button.value }
}
