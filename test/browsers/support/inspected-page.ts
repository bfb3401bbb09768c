import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

const SCRIPT = readFileSync(new URL('scripts/inspect.js', import.meta.url), 'utf8')

interface Focus {
  readonly at: number
  readonly name: string
  readonly isSeen: boolean
}

/** Asks a page what is wrong with its looks. */
export class InspectedPage {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async begin(): Promise<void> {
    await this.#page.evaluate(SCRIPT)
  }

  async cutOff(where: string): Promise<string[]> {
    return (await this.#list('cutOff()')).map((one) => `${where}: ${one}`)
  }

  async fixedText(): Promise<string[]> {
    return await this.#list('fixedText()')
  }

  /** @param size - of text, as a user sets it in the browser */
  async setTextSize(size: string): Promise<void> {
    await this.#page.evaluate(`inspect.setTextSize(${JSON.stringify(size)})`)
  }

  async onPaper(): Promise<string[]> {
    return await this.#list('onPaper()')
  }

  /** Presses Tab through the page: what it skips, reaches out of order, or does not show as focused. */
  async keyboardFaults(): Promise<string[]> {
    const controls = await this.#list('controls()')
    await this.#page.evaluate('inspect.startAtTop()')
    const found: string[] = []
    for (const [expected, name] of controls.entries()) {
      await this.#page.keyboard.press('Tab')
      const { at, name: reached, isSeen } = await this.#page.evaluate<Focus>('inspect.focus()')
      if (at !== expected) return [...found, `keyboard: ${name} is not next, but ${reached}`]
      if (!isSeen) found.push(`keyboard: no focus seen at ${name}`)
    }
    return found
  }

  async #list(call: string): Promise<string[]> {
    return await this.#page.evaluate<string[]>(`inspect.${call}`)
  }
}
