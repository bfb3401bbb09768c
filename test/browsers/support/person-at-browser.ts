import { By, until as when, type WebElement } from 'selenium-webdriver'
import type { DemoPerson } from '../../../deploy/demo/people.ts'
import type { RealBrowser } from './real-browser.ts'

const MAX_WAIT_MS = 20_000
/** Each look is a command to the browser. */
const POLL_MS = 50
const CONSENT = "//h1[normalize-space()='Authorize Application']"
const EMAIL = "//input[@name='email']"

/** What a person does in one tab. */
export class PersonAtBrowser {
  readonly browser: RealBrowser
  readonly #person: DemoPerson

  constructor(browser: RealBrowser, person: DemoPerson) {
    this.browser = browser
    this.#person = person
  }

  /** Continues in a new tab, with a history of its own. @returns the tab's handle */
  async newTab(): Promise<string> {
    await this.browser.driver.switchTo().newWindow('tab')
    return await this.browser.driver.getWindowHandle()
  }

  async switchTo(tab: string): Promise<void> {
    await this.browser.driver.switchTo().window(tab)
  }

  /** Opens an authorization URL and signs in where asked: what is left is the consent page. */
  async openConsent(url: string): Promise<void> {
    await this.browser.driver.get(url)
    const [first] = await this.#found(`${CONSENT}|${EMAIL}`)
    if (first !== undefined && (await this.#find(EMAIL)).length > 0) await this.#signIn()
    await this.#found(CONSENT)
  }

  async #signIn(): Promise<void> {
    const { email, password } = this.#person
    await this.#type(EMAIL, email)
    await this.#type("//input[@name='password']", password)
    await this.press('Sign in')
  }

  async #type(xpath: string, text: string): Promise<void> {
    const [field] = await this.#found(xpath)
    await field?.sendKeys(text)
  }

  /** Waits until the button takes clicks, and presses it. */
  async press(name: string): Promise<void> {
    await (await this.#button(name)).click()
  }

  async doubleClick(name: string): Promise<void> {
    const { driver, takesDoubleClicks } = this.browser
    const button = await this.#button(name)
    await driver.executeScript('arguments[0].scrollIntoView()', button)
    if (takesDoubleClicks) await driver.actions().doubleClick(button).perform()
    else await driver.executeScript('arguments[0].click(); arguments[0].click()', button)
  }

  /** Waits for a page with this heading or text. */
  async sees(text: string): Promise<void> {
    await this.#found(`//body//*[contains(normalize-space(), ${JSON.stringify(text)})]`)
  }

  /** As a browser that starts again: the address of a tab that is gone, in a new one. */
  async restoreTab(address: string): Promise<void> {
    await this.browser.driver.close()
    const [first = ''] = await this.browser.driver.getAllWindowHandles()
    await this.switchTo(first)
    await this.newTab()
    await this.browser.driver.get(address)
  }

  /** Some browsers show the consent page of before, others load it. */
  async answerIfAsked(): Promise<void> {
    await this.#found(`${CONSENT}|//h1[normalize-space()='You have already answered']`)
    if ((await this.#find(CONSENT)).length > 0) await this.press('Continue')
  }

  async reload(): Promise<void> {
    await this.#leave(() => this.browser.driver.navigate().refresh())
  }

  async address(): Promise<string> {
    return await this.browser.driver.getCurrentUrl()
  }

  /** Closes every tab but the first. */
  async closeTabs(): Promise<void> {
    const { driver } = this.browser
    const [first = '', ...others] = await driver.getAllWindowHandles()
    for (const tab of others) {
      await driver.switchTo().window(tab)
      await driver.close()
    }
    await driver.switchTo().window(first)
  }

  /** Waits until the page of before is gone. */
  async #leave(go: () => Promise<void>): Promise<void> {
    const [body] = await this.#found('//body')
    await go()
    if (body !== undefined)
      await this.browser.driver.wait(when.stalenessOf(body), MAX_WAIT_MS, 'the page stays', POLL_MS)
  }

  async #button(name: string): Promise<WebElement> {
    // A tab takes its focus with the first click; from then on Continue is inert for a moment.
    const [heading] = await this.#find('//h1')
    await heading?.click()
    const [button] = await this.#found(`//button[normalize-space()='${name}' and not(@disabled)]`)
    if (button === undefined) throw new Error(`no button ${name}`)
    return button
  }

  async #found(xpath: string): Promise<WebElement[]> {
    let found: WebElement[] = []
    const isThere = async (): Promise<boolean> => (found = await this.#find(xpath)).length > 0
    await this.browser.driver.wait(isThere, MAX_WAIT_MS, xpath, POLL_MS)
    return found
  }

  /** A page that is being replaced has no elements. */
  async #find(xpath: string): Promise<WebElement[]> {
    return await this.browser.driver.findElements(By.xpath(xpath)).catch(() => [])
  }
}
