import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type Router from 'koa-router'
import { html, SafeHtml } from '../../../core/http/html.ts'
import { STYLE_ELEMENT, STYLE_SOURCE } from '../quilt-style.ts'

const SCRIPT = readFileSync(new URL('scripts/authorize.js', import.meta.url), 'utf8')
const SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`

/** The catalog's page that hands signed-in users over to Connect; the demo's is at the Registry's origin. */
export function addCatalogPage(router: Router, connectOrigin: string): void {
  const policy = [
    "default-src 'none'",
    `script-src ${SCRIPT_SOURCE}`,
    `style-src ${STYLE_SOURCE}`,
    `connect-src 'self' ${connectOrigin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  const page = pageFor(connectOrigin)
  router.get('/connect/authorize', (ctx) => {
    ctx.set('Content-Security-Policy', policy.join('; '))
    ctx.set('X-Content-Type-Options', 'nosniff')
    // Connect requires the origin.
    ctx.set('Referrer-Policy', 'strict-origin')
    ctx.type = 'html'
    ctx.body = page
  })
}

function pageFor(connectOrigin: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>Quilt catalog (demo)</title>
        ${STYLE_ELEMENT}
      </head>
      <body data-connect="${connectOrigin}">
        <main>
          <p class="secondary">Demo catalog on this machine</p>
          <noscript><p>This page needs JavaScript.</p></noscript>
          <section id="sign-in" hidden>
            <h1 tabindex="-1">Sign in to Quilt</h1>
            <form id="sign-in-form">
              <label for="username">E-mail</label>
              <input id="username" name="username" autocomplete="username" required />
              <label for="password">Password</label>
              <input id="password" name="password" type="password" autocomplete="current-password" required />
              <button>Sign in</button>
            </form>
          </section>
          <section id="ask" hidden>
            <h1 tabindex="-1">Authorize Application</h1>
            <p id="ask-text"></p>
            <div class="actions">
              <button id="cancel" class="plain">Cancel</button>
              <button id="continue">Continue</button>
            </div>
          </section>
          <section id="failed" hidden>
            <h1 tabindex="-1">Authorization Failed</h1>
            <p id="failed-text" class="refusal"></p>
          </section>
        </main>
        ${new SafeHtml(`<script>${SCRIPT}</script>`)}
      </body>
    </html>`.toString()
}
