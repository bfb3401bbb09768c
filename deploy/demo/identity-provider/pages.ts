import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Context } from 'koa'
import { html, SafeHtml } from '../../../core/http/html.ts'

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8')
/** The hash in the policy covers every character between the tags. */
const STYLE_ELEMENT = new SafeHtml(`<style>${STYLE}</style>`)
const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

/**
 * Allows no script, no resource and no frame. It has no `form-action`: browsers apply that to redirects after the form
 * too, which lead back to the application.
 */
const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; base-uri 'none'; frame-ancestors 'none'`,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

export function sendPage(ctx: Context, status: number, page: string): void {
  ctx.status = status
  ctx.set(HEADERS)
  ctx.type = 'html'
  ctx.body = page
}

export interface SignInForm {
  readonly email: string
  readonly failed: boolean
}

export function signInPage({ email, failed }: SignInForm): string {
  const refusal = failed
    ? html`<p class="refusal" role="alert">Wrong e-mail or password. Try again.</p>`
    : html``
  return page(
    'Sign in',
    html`${refusal}
      <form method="post">
        <label for="email">E-mail</label>
        <input id="email" name="email" type="email" autocomplete="username" value="${email}" required />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button class="primary">Sign in</button>
        <button name="answer" value="cancel" formnovalidate>Cancel</button>
      </form>`,
  )
}

/** @param form - the library's, without a button */
export function confirmLogoutPage(form: SafeHtml): string {
  return page(
    'Sign out',
    html`<p>Do you want to sign out of the demo organisation?</p>
      ${form}
      <button class="primary" form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  )
}

export function messagePage(heading: string, explanation: string): string {
  return page(heading, html`<p>${explanation}</p>`)
}

function page(heading: string, card: SafeHtml): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${heading} - Example Organisation</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <p class="organisation">Example Organisation</p>
          <p class="secondary">Demo identity provider on this machine</p>
        </header>
        <main>
          <h1>${heading}</h1>
          ${card}
        </main>
      </body>
    </html>`.toString()
}
