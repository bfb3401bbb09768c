import assert from 'node:assert/strict'
import { html } from '../../../core/http/html.ts'

describe('html', () => {
  it('escapes values between tags and in attributes', () => {
    const text = `</b><script>alert("1" & '2')</script>`
    assert.equal(html`<b title="${text}">${text}</b>`.toString(), `<b title="${ESCAPED}">${ESCAPED}</b>`)
  })

  it('inserts SafeHtml unchanged, one or many', () => {
    const items = ['a', '<b>'].map((item) => html`<i>${item}</i>`)
    assert.equal(
      html`<b>${items}</b>${html`<s>c</s>`}${7}`.toString(),
      '<b><i>a</i><i>&#60;b&#62;</i></b><s>c</s>7',
    )
  })

  it('escapes a value once', () => {
    assert.equal(html`${html`${'&'}`}`.toString(), '&#38;')
  })
})

const ESCAPED = '&#60;/b&#62;&#60;script&#62;alert(&#34;1&#34; &#38; &#39;2&#39;)&#60;/script&#62;'
