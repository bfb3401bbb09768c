import { setTimeout } from 'node:timers/promises'
import { By, error, type WebDriver, type WebElement } from 'selenium-webdriver'

const MAX_WAIT_MS = 30_000
/** Each look is a command to the browser. */
const POLL_MS = 50
/** WebKit's driver loses commands to a page that goes into the back/forward cache: they are sent again. */
const MAX_LOOK_MS = 3000
/** Undefined while it loads. */
const HAS_FOCUS = "return document.readyState === 'complete' ? document.hasFocus() : undefined"
const MARK = "document.documentElement.setAttribute('data-left', arguments[0])"
const IS_MARKED = "return document.documentElement.getAttribute('data-left') === arguments[0]"

/** The page in the browser's current tab. While another page takes its place, it has no elements. */
export class CurrentPage {
  readonly #driver: WebDriver

  constructor(driver: WebDriver) {
    this.#driver = driver
  }

  /** Waits for elements. @returns them, at least one */
  async found(xpath: string): Promise<[WebElement, ...WebElement[]]> {
    let found: WebElement[] = []
    await this.waitFor(xpath, async () => (found = await this.find(xpath)).length > 0)
    return found as [WebElement, ...WebElement[]]
  }

  async find(xpath: string): Promise<WebElement[]> {
    return (await unlessReplaced(this.#driver.findElements(By.xpath(xpath)))) ?? []
  }

  /** Waits until a click on the button counts: a page that loads, or gets the focus, holds Continue for a moment. */
  async button(name: string): Promise<WebElement> {
    await this.waitFor('a loaded page with the focus', () => this.#hasFocus())
    const [button] = await this.found(`//button[normalize-space()='${name}' and not(@disabled)]`)
    return button
  }

  /** Waits until another page is there: one that comes from the back/forward cache may have an older mark. */
  async leave(go: () => Promise<void>): Promise<void> {
    const mark = crypto.randomUUID()
    await this.#driver.executeScript(MARK, mark)
    await go()
    await this.waitFor('another page', async () => {
      return (await unlessReplaced(this.#driver.executeScript<boolean>(IS_MARKED, mark))) === false
    })
  }

  async waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
    await this.#driver.wait(condition, MAX_WAIT_MS, what, POLL_MS)
  }

  /** A new tab takes the focus with its first click. */
  async #hasFocus(): Promise<boolean> {
    const hasFocus = await unlessReplaced(this.#driver.executeScript<boolean | null>(HAS_FOCUS))
    const [heading] = hasFocus === false ? await this.find('//h1') : []
    if (heading !== undefined) await unlessReplaced(heading.click())
    return hasFocus === true
  }
}

async function unlessReplaced<Result>(command: Promise<Result>): Promise<Result | undefined> {
  try {
    return await Promise.race([command, setTimeout(MAX_LOOK_MS, undefined, { ref: false })])
  } catch (failure) {
    const hasEnded = failure instanceof error.NoSuchSessionError
    if (failure instanceof error.WebDriverError && !hasEnded) return undefined
    throw failure
  }
}
