'use strict'
// Keeps the primary button inert for half a second after the page comes into view: a click or key that was meant for
// what stood here before (a double click on an attacker's page) must not approve.

const INERT_MS = 500

/** @param {HTMLButtonElement} button */
function guard(button) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let hadFocus = false

  function hold() {
    // A disabled button loses the focus.
    hadFocus ||= document.activeElement === button
    button.disabled = true
    clearTimeout(timer)
    timer = setTimeout(release, INERT_MS)
  }

  function release() {
    button.disabled = false
    if (hadFocus) button.focus()
    hadFocus = false
  }

  hold()
  addEventListener('pageshow', hold)
  addEventListener('focus', hold)
  document.addEventListener('visibilitychange', hold)
}

for (const button of document.querySelectorAll('button')) {
  if (button.matches('.primary')) guard(button)
}
