import type { Middleware } from 'koa'
import { knownBrowsers, signOutOthers, type BrowserDependencies } from '../browser/browser-at.ts'
import { MAX_BROWSER_COOKIES } from '../browser/browser-cookie.ts'
import { seeOther } from '../http/see-other.ts'
import type { HandOffStore } from '../store/hand-off-store.ts'
import type { HeldStore } from '../store/held-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { transactionPage } from './open-transaction.ts'

interface TakeHandOffDependencies extends BrowserDependencies {
  readonly handOffs: HandOffStore
  readonly held: HeldStore
  readonly transactions: TransactionStore
}

/** GET /connect/authorize/<handle>: binds a hand-off to the first browser that opens it. */
export function takeHandOff(dependencies: TakeHandOffDependencies): Middleware {
  const { handOffs, held, transactions, browsers, cookies } = dependencies
  return async function takenHandOff(ctx, next) {
    const { id: handle = '' } = ctx.params as { id?: string }
    const handOff = await handOffs.take(handle)
    if (handOff === undefined) {
      await next()
      return
    }
    const known = await knownBrowsers(dependencies, ctx)
    await signOutOthers(dependencies, ctx, handOff.held.person)
    // A new cookie, as after any sign-in: an attacker may know an earlier one.
    const browser = await browsers.create()
    cookies.dropAllBut(ctx, [...known.slice(1 - MAX_BROWSER_COOKIES), browser])
    cookies.write(ctx, browser)
    const id = await transactions.begin({ browserId: browser.id, ...handOff.request })
    await held.keep({ id, browser }, handOff.held)
    seeOther(ctx, transactionPage(id))
  }
}
