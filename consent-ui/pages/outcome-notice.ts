import { html, type SafeHtml } from '../../core/http/html.ts'

/** What the change that a user or an administrator asked for did. */
export interface OutcomeNotice {
  readonly text: string | SafeHtml
  /** False if nothing was changed, or not every part confirmed the change. */
  readonly isSuccess: boolean
}

export function outcomeNotice({ text, isSuccess }: OutcomeNotice): SafeHtml {
  return html`<p class="notice ${isSuccess ? 'success' : ''}" role="status">${text}</p>`
}
