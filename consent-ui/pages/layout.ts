import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html, SafeHtml } from '../../core/http/html.ts'
import { HOME_PAGE } from '../http/paths.ts'
import { en } from './texts/en/en.ts'

export interface Link {
  readonly href: string
  readonly text: string
}

interface LayoutOptions {
  /** `wide` for lists and tables. */
  readonly width?: 'narrow' | 'wide'
  /** Links at the top of the page. */
  readonly links?: readonly Link[]
  /** Runs where the browser allows scripts; every page also works without. */
  readonly script?: PageScript
}

/** Prebuilt, because the policy's hash covers every character between the tags. */
const STYLE = inline('style', 'style.css')

const SCRIPTS = {
  connectionCheck: inline('script', 'scripts/connection-check.js'),
  copyButtons: inline('script', 'scripts/copy-buttons.js'),
  inertContinue: inline('script', 'scripts/inert-continue.js'),
}

type PageScript = keyof typeof SCRIPTS

/** The Content-Security-Policy sources that allow only this style and these scripts. */
export const STYLE_SOURCE = STYLE.source
export const SCRIPT_SOURCES: readonly string[] = Object.values(SCRIPTS).map(({ source }) => source)

/** Four patches, sewn together. */
const MARK = html`<svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" focusable="false">
  <rect x="0" y="0" width="10" height="10" rx="2" />
  <rect x="12" y="0" width="10" height="10" rx="5" />
  <rect x="0" y="12" width="10" height="10" rx="5" />
  <rect x="12" y="12" width="10" height="10" rx="2" />
</svg>`

/** A page with one heading. It loads nothing. `content` is one or more elements of class `card`, or a single card's content. */
export function layout(heading: string, content: SafeHtml, options: LayoutOptions = {}): string {
  const { width = 'narrow', links = [], script } = options
  return html`<!doctype html>
    <html lang="${en.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${heading === en.product ? heading : `${heading} - ${en.product}`}</title>
        ${STYLE.element}
      </head>
      <body class="${width}">
        <header class="top">
          <a class="wordmark" href="${HOME_PAGE}">${MARK}${en.product}</a>
          ${links.length === 0 ? html`` : html`<nav>${links.map(link)}</nav>`}
        </header>
        <main>
          <h1>${heading}</h1>
          ${content}
        </main>
        ${script === undefined ? html`` : SCRIPTS[script].element}
      </body>
    </html>`.toString()
}

/** A page of one card. */
export function cardPage(heading: string, card: SafeHtml, options: LayoutOptions = {}): string {
  return layout(heading, html`<div class="card">${card}</div>`, options)
}

export function link({ href, text }: Link): SafeHtml {
  return html`<a href="${href}">${text}</a>`
}

function inline(tag: 'style' | 'script', file: string): { element: SafeHtml; source: string } {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const hash = createHash('sha256').update(text).digest('base64')
  return { element: new SafeHtml(`<${tag}>${text}</${tag}>`), source: `'sha256-${hash}'` }
}
