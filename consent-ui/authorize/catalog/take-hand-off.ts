import type { Middleware } from 'koa'
import type { Audit } from '../../../core/audit/audit-entry.ts'
import type { Log } from '../../../core/log/log.ts'
import { knownBrowsers, signOutOthers, type BrowserDependencies } from '../../browser/browser-at.ts'
import { MAX_BROWSER_COOKIES } from '../../browser/browser-cookie.ts'
import { seeOther } from '../../http/see-other.ts'
import type { HandOff, HandOffStore } from '../../store/hand-off-store.ts'
import { ShownError } from '../../oauth/errors.ts'
import { en } from '../../pages/texts/en/en.ts'
import type { Logouts } from '../../quilt/logouts.ts'
import type { HeldStore } from '../../store/held-store.ts'
import type { TransactionStore } from '../../store/transaction-store.ts'
import { arrivalOf } from './hand-off-arrival.ts'
import { transactionPage } from '../open-transaction.ts'

interface TakeHandOffDependencies extends BrowserDependencies {
  /** Origin of the catalog. */
  readonly catalog: string
  readonly logouts: Logouts
  readonly audit: Audit
  readonly log: Log
  readonly handOffs: HandOffStore
  readonly held: HeldStore
  readonly transactions: TransactionStore
}

/** GET /connect/authorize/<handle>: binds a hand-off to the first browser that opens it. */
export function takeHandOff(dependencies: TakeHandOffDependencies): Middleware {
  const { handOffs, held, transactions, browsers, cookies, catalog } = dependencies
  return async function takenHandOff(ctx, next) {
    const { id: handle = '' } = ctx.params as { id?: string }
    const handOff = await handOffs.take(handle)
    if (handOff === undefined) {
      await next()
      return
    }
    const arrival = arrivalOf(ctx, catalog)
    if (arrival === 'elsewhere') throw refuse(handOff)
    const known = await knownBrowsers(dependencies, ctx)
    const wasAnother = await signOutOthers(dependencies, ctx, handOff.held.person)
    const isProven = arrival === 'catalog' && !wasAnother
    // A new cookie, as after any sign-in: an attacker may know an earlier one.
    const browser = await browsers.create()
    cookies.dropAllBut(ctx, [...known.slice(1 - MAX_BROWSER_COOKIES), browser])
    cookies.write(ctx, browser)
    const id = await transactions.begin({ browserId: browser.id, ...handOff.request })
    await held.keep({ id, browser }, { ...handOff.held, ...(isProven ? {} : { isUnproven: true }) })
    seeOther(ctx, transactionPage(id))
  }

  /** The handle is used up and its token logged out: the link cannot be sent again. */
  function refuse({ held: { credential, person } }: HandOff): ShownError {
    const { logouts, audit, log } = dependencies
    logouts.begin(credential.token)
    const refused = { isSuccess: false, reason: 'not_from_catalog', details: { how: 'catalog' } } as const
    audit.record({ name: 'SignIn', by: 'user', person: { email: person.email }, ...refused })
    log.warn('hand-off refused: it was not opened from the catalog')
    return new ShownError(en.errors.notFromCatalog, 403)
  }
}
