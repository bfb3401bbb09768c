import { CookieJar as ToughJar, type Cookie } from 'tough-cookie'

/** A browser's cookies, by host whatever the port (RFC 6265 section 8.5). */
export class CookieJar {
  readonly #jar = new ToughJar()

  header(url: string): string {
    return this.#jar.getCookieStringSync(url)
  }

  keep(url: string, headers: readonly string[]): void {
    for (const header of headers) this.#jar.setCookieSync(header, url)
  }

  all(hostname: string): readonly { readonly name: string; readonly value: string }[] {
    const cookies = this.#jar.getCookiesSync(`http://${hostname}/`, { allPaths: true })
    return cookies.map(({ key, value }: Cookie) => ({ name: key, value }))
  }

  clear(): void {
    this.#jar.removeAllCookiesSync()
  }
}
