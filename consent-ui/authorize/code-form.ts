import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { registryEndpoint } from '../../core/quilt/registry-client.ts'
import { RETRY_AFTER_SECONDS } from '../lifetimes.ts'
import { codePage } from '../pages/code-page.ts'
import type { CodeFault } from './code-faults.ts'
import type { PasteCodeStep } from './next-step.ts'
import { transactionPage, type OpenTransaction } from './open-transaction.ts'
import { csrfToken } from './page-form.ts'

interface CodeFormDependencies {
  readonly origin: string
  readonly ring: KeyRing
  readonly registryUrl: URL
}

/** The page on which the user pastes a one-time code, only in the browser of the transaction. */
export class CodeForm {
  readonly #dependencies: CodeFormDependencies

  constructor(dependencies: CodeFormDependencies) {
    this.#dependencies = dependencies
  }

  showCodeForm(
    ctx: Context,
    opened: OpenTransaction,
    { step, fault }: { readonly step: PasteCodeStep; readonly fault?: CodeFault },
  ): void {
    const { origin, ring, registryUrl } = this.#dependencies
    ctx.status = fault?.status ?? 200
    if (ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS))
    ctx.type = 'html'
    ctx.body = codePage({
      action: transactionPage(opened.id),
      csrfToken: csrfToken(ring, { opened, step }),
      clientName: opened.transaction.clientName,
      host: new URL(origin).host,
      loginUrl: registryEndpoint(registryUrl, 'login').href,
      email: step.signIn?.email,
      fault: fault?.text,
    })
  }
}
