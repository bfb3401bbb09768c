import type { Context } from 'koa'
import { html, type SafeHtml } from '../../../core/http/html.ts'
import { STYLE_ELEMENT, STYLE_SOURCE } from '../quilt-style.ts'

/** Allows no script, no resource, no frame, and forms to this origin only. */
const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

export function sendPage(ctx: Context, status: number, page: string): void {
  ctx.status = status
  ctx.set(HEADERS)
  ctx.type = 'html'
  ctx.body = page
}

/** @param refused - the e-mail of a refused attempt */
export function signInPage(refused?: { readonly email: string }): string {
  const refusal =
    refused === undefined
      ? html``
      : html`<p class="refusal" role="alert">Wrong e-mail or password. Try again.</p>`
  return page(
    'Sign in to Quilt',
    html`${refusal}
      <p>Sign in to get a code that connects an application.</p>
      <form method="post">
        <label for="email">E-mail</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          value="${refused?.email ?? ''}"
          required
        />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button>Sign in</button>
      </form>`,
  )
}

export function codePage(name: string, code: string): string {
  return page(
    'Your code',
    html`<p>You are signed in as ${name}. Copy this code and paste it into the page that asked for it:</p>
      <output id="code">${code}</output>
      <p class="secondary">
        It works once, within ten minutes. Anyone who has it can act as you: do not share it.
      </p>`,
  )
}

function page(heading: string, card: SafeHtml): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${heading} - Quilt (demo)</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <p class="secondary">Demo Registry on this machine</p>
          <h1>${heading}</h1>
          ${card}
        </main>
      </body>
    </html>`.toString()
}
