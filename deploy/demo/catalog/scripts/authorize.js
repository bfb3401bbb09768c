'use strict'
// The catalog's page for authorization requests, as the product's: it holds the user's token, and asks Connect.

const connect = document.body.dataset.connect ?? ''
const parameters = Object.fromEntries([...new URLSearchParams(location.search)].reverse())

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/** @param {string} id @param {string} text */
function show(id, text = '') {
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== id
  if (text !== '') byId(`${id}-text`).textContent = text
  // So that a screen reader begins at what is new.
  byId(id).querySelector('h1')?.focus()
}

/**
 * @param {string} url
 * @param {object} body
 * @param {string} [token]
 * @returns {Promise<Record<string, string>>}
 */
async function post(url, body, token) {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  /** @type {unknown} */
  const json = await response.json()
  const answer = /** @type {Record<string, string>} */ (json)
  if (!response.ok) throw new Error(`${answer.error_code ?? response.status}: ${answer.message ?? ''}`)
  return answer
}

/** @param {unknown} error */
function fail(error) {
  show('failed', String(error))
}

async function ask() {
  const token = sessionStorage.getItem('token')
  if (token === null) {
    show('sign-in')
    return
  }
  const { client_id, redirect_uri, scope, resource } = parameters
  const request = { client_id, redirect_uri, scope, resource }
  const { client_name: name } = await post(`${connect}/api/connect/validate`, request, token)
  show('ask', `${name} wants to access your Quilt account.`)
}

byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target))
  const credentials = { username: form.get('username'), password: form.get('password') }
  post('/api/login', credentials)
    .then(({ token = '' }) => sessionStorage.setItem('token', token))
    .then(ask)
    .catch(fail)
})

byId('continue').addEventListener('click', () => {
  const token = sessionStorage.getItem('token') ?? ''
  post(`${connect}/api/connect/authorize`, parameters, token)
    .then(({ redirect_uri: next = '' }) => location.assign(next))
    .catch(fail)
})

byId('cancel').addEventListener('click', () => {
  const { redirect_uri: back, state } = parameters
  if (back === undefined || state === undefined) return
  const url = new URL(back)
  url.searchParams.set('error', 'access_denied')
  url.searchParams.set('state', state)
  location.assign(url.href)
})

ask().catch(fail)
