import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html, SafeHtml } from '../../core/http/html.ts'

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8')
/** Prebuilt, because the policy's hash covers every character between the tags. */
const STYLE_ELEMENT = new SafeHtml(`<style>${STYLE}</style>`)

/** The Content-Security-Policy source that allows only this style. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

export const PRODUCT = 'Quilt Connect'

/** A page of one heading and one card. It has no script and loads nothing. */
export function layout(heading: string, card: SafeHtml): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${heading === PRODUCT ? PRODUCT : `${heading} - ${PRODUCT}`}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>${heading}</h1>
        <main>${card}</main>
      </body>
    </html>`.toString()
}
