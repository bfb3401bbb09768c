'use strict'
// Adds a copy button to each text that the user pastes elsewhere. Browsers offer the clipboard only over https and on
// the user's own computer; without it the page has no buttons.

const SHOWN_MS = 2000

/** @param {HTMLElement} text */
function addCopyButton(text) {
  const { copy = '', copied = '' } = text.dataset
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = copy
  const status = document.createElement('span')
  status.setAttribute('role', 'status')
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(text.textContent).then(
      () => {
        status.textContent = copied
        setTimeout(() => (status.textContent = ''), SHOWN_MS)
      },
      () => button.remove(),
    )
  })
  text.after(button, status)
}

/** @type {NodeListOf<HTMLElement>} */
const texts = document.querySelectorAll('[data-copy]')
if ('clipboard' in navigator) for (const text of texts) addCopyButton(text)
