import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { CurrentPage } from './current-page.ts'
import type { RealBrowser } from './real-browser.ts'

const CONSENT = "//h1[normalize-space()='Authorize Application']"
const EMAIL = "//input[@name='email']"

/** What a person does in one tab. */
export class PersonAtBrowser {
  #browser: RealBrowser
  readonly #person: DemoPerson

  constructor(browser: RealBrowser, person: DemoPerson) {
    this.#browser = browser
    this.#person = person
  }

  get browser(): RealBrowser {
    return this.#browser
  }

  /** Continues in a new tab, with a history of its own. @returns the tab's handle */
  async newTab(): Promise<string> {
    await this.#driver.switchTo().newWindow('tab')
    return await this.#driver.getWindowHandle()
  }

  async switchTo(tab: string): Promise<void> {
    await this.#driver.switchTo().window(tab)
  }

  /** Closes every tab but the first. */
  async closeTabs(): Promise<void> {
    const [first = '', ...others] = await this.#driver.getAllWindowHandles()
    for (const tab of others) {
      await this.switchTo(tab)
      await this.#driver.close()
    }
    await this.switchTo(first)
  }

  /** Closes the browser and opens it again, which restores the tab. */
  async restartBrowser(): Promise<void> {
    const address = await this.address()
    this.#browser = await this.#browser.restart()
    await this.#page.waitFor(address, async () => {
      for (const tab of await this.#driver.getAllWindowHandles()) {
        await this.switchTo(tab)
        if ((await this.address()) === address) return true
      }
      return false
    })
  }

  async open(url: string): Promise<void> {
    await this.#page.leave(() => this.#driver.get(url))
  }

  /** Opens an authorization URL and signs in where asked: what is left is the consent page. */
  async openConsent(url: string): Promise<void> {
    await this.open(url)
    await this.#page.found(`${CONSENT}|${EMAIL}`)
    if ((await this.#page.find(EMAIL)).length > 0) await this.#signIn()
    await this.#page.found(CONSENT)
  }

  async #signIn(): Promise<void> {
    const { email, password } = this.#person
    await this.#type(EMAIL, email)
    await this.#type("//input[@name='password']", password)
    await this.press('Sign in')
  }

  async #type(xpath: string, text: string): Promise<void> {
    const [field] = await this.#page.found(xpath)
    await field.sendKeys(text)
  }

  async press(name: string): Promise<void> {
    const button = await this.#page.button(name)
    await button.click()
  }

  async doubleClick(name: string): Promise<void> {
    const button = await this.#page.button(name)
    await this.#driver.executeScript('arguments[0].scrollIntoView()', button)
    if (this.#browser.takesDoubleClicks) await this.#driver.actions().doubleClick(button).perform()
    else await this.#driver.executeScript('arguments[0].click(); arguments[0].click()', button)
  }

  async follow(link: string): Promise<void> {
    const [found] = await this.#page.found(`//a[normalize-space()='${link}']`)
    await found.click()
  }

  /** Waits for a page with this heading or text. */
  async sees(text: string): Promise<void> {
    await this.#page.found(`//body//*[contains(normalize-space(), ${JSON.stringify(text)})]`)
  }

  /** Some browsers show the consent page of before, others load it. */
  async answerIfAsked(): Promise<void> {
    await this.#page.found(`${CONSENT}|//h1[normalize-space()='You have already answered']`)
    if ((await this.#page.find(CONSENT)).length > 0) await this.press('Continue')
  }

  async reload(): Promise<void> {
    await this.#page.leave(() => this.#driver.navigate().refresh())
  }

  async back(): Promise<void> {
    await this.#page.leave(() => this.#driver.navigate().back())
  }

  async forward(): Promise<void> {
    await this.#page.leave(() => this.#driver.navigate().forward())
  }

  async address(): Promise<string> {
    return await this.#driver.getCurrentUrl()
  }

  get #driver(): RealBrowser['driver'] {
    return this.#browser.driver
  }

  get #page(): CurrentPage {
    return new CurrentPage(this.#driver)
  }
}
