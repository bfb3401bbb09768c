import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SafeHtml } from '../../core/http/html.ts'

const STYLE = readFileSync(new URL('quilt-style.css', import.meta.url), 'utf8')

/** The style of the demo's Quilt pages. The hash in the policy covers every character between the tags. */
export const STYLE_ELEMENT = new SafeHtml(`<style>${STYLE}</style>`)
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`
