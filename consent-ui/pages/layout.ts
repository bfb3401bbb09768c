import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html, SafeHtml } from '../../core/http/html.ts'

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8')
/** In one piece: the policy's hash is over every character between the tags. */
const STYLE_ELEMENT = new SafeHtml(`<style>${STYLE}</style>`)

/** Lets the page's own style through its Content-Security-Policy, and nothing else. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

/** A whole page: one heading, one card. No script, nothing loaded from anywhere. */
export function layout(heading: string, card: SafeHtml): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${heading} - Quilt Connect</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>${heading}</h1>
        <main>${card}</main>
      </body>
    </html>`.toString()
}
