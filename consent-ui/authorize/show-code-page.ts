import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { RETRY_AFTER_SECONDS } from '../lifetimes.ts'
import { codePage } from '../pages/code-page.ts'
import { registryEndpoint } from '../../core/quilt/registry-client.ts'
import type { CodeFault } from './code-faults.ts'
import type { PasteCodeStep } from './next-step.ts'
import { csrfToken } from './page-form.ts'

export interface CodePageParts {
  readonly origin: string
  readonly ring: KeyRing
  readonly registryUrl: URL
}

/** Shows the page where alone a one-time code may be pasted: inside a transaction, for its own browser. */
export function showCodePage({ origin, ring, registryUrl }: CodePageParts) {
  return function pasteCodePage(
    ctx: Context,
    opened: OpenTransaction,
    { step, fault }: { readonly step: PasteCodeStep; readonly fault?: CodeFault },
  ): void {
    ctx.status = fault?.status ?? 200
    if (ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS))
    ctx.type = 'html'
    ctx.body = codePage({
      action: `/connect/authorize/${opened.id}`,
      csrfToken: csrfToken(ring, { opened, step }),
      clientName: opened.transaction.clientName,
      host: new URL(origin).host,
      loginUrl: registryEndpoint(registryUrl, 'login').href,
      email: step.signIn?.email,
      fault: fault?.text,
    })
  }
}
