'use strict'
// Checks a connection as an MCP client makes one (MCP authorization: discovery, registration, PKCE). What must survive
// the sign-in is in the tab's session storage; the tokens are only in memory.

const STORED = 'connection-check'
const MAX_STEP_MS = 15_000
const PROTOCOL_VERSION = '2025-11-25'
const REDIRECT_URI = `${location.origin}${location.pathname}`
/** @type {Record<string, string>} */
const BASE64URL = { '+': '-', '/': '_', '=': '' }

/**
 * @typedef {'reach' | 'resource' | 'discovery' | 'register' | 'consent' | 'token' | 'tools' | 'end'} StepName
 * @typedef {{ path: string, resource: string, scope: string }} Target
 * @typedef {Record<'authorize' | 'token' | 'register' | 'revoke', string>} Endpoints
 * @typedef {{ target: Target, endpoints: Endpoints, clientId: string, verifier: string, state: string, begunAt: number,
 *   times: Record<string, number> }} Saved
 */

/** A step that failed; the message is a status, an OAuth error code or the name of a member. */
class Failed extends Error {}

/** @type {Record<string, number>} */
let times = {}

/** @param {string} selector @returns {HTMLElement} */
function find(selector) {
  /** @type {HTMLElement | null} */
  const found = document.querySelector(selector)
  if (found === null) throw new Error(selector)
  return found
}

const LOOKS = { running: '', good: 'known', failed: 'doubtful' }

/** @param {StepName} name @param {keyof typeof LOOKS} state @param {string} [detail] */
function show(name, state, detail = '') {
  const step = `[data-step=${name}]`
  const result = find(`${step} span`)
  const ms = state === 'running' ? undefined : times[name]
  result.className = `badge ${LOOKS[state]}`
  result.textContent = `${find('#steps').dataset[state] ?? ''}${ms === undefined ? '' : ` (${Math.round(ms)} ms)`}`
  find(`${step} p`).hidden = state !== 'failed'
  find(`${step} code`).textContent = detail
}

/** Runs one step, and shows its time or what to do. @template Result @param {StepName} name @param {() => Promise<Result>} work */
async function step(name, work) {
  show(name, 'running')
  const begun = performance.now()
  try {
    const result = await work()
    times[name] = performance.now() - begun
    show(name, 'good')
    return result
  } catch (error) {
    times[name] = performance.now() - begun
    show(name, 'failed', error instanceof Error ? error.message : '')
    throw new Failed(name)
  }
}

/** @param {string} url @param {RequestInit} [init] */
async function ask(url, init = {}) {
  return await fetch(url, {
    ...init,
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
    signal: AbortSignal.timeout(MAX_STEP_MS),
  })
}

/** @param {string} url @param {RequestInit} [init] @returns {Promise<unknown>} */
async function askJson(url, init) {
  const response = await ask(url, init)
  if (!response.ok) throw new Failed(`HTTP ${response.status}`)
  /** @type {unknown} */
  const json = await response.json()
  return json
}

/** @param {unknown} json @param {string} name @returns {unknown} */
function member(json, name) {
  /** @type {[string, unknown][]} */
  const members = typeof json === 'object' && json !== null ? Object.entries(json) : []
  return new Map(members).get(name)
}

/** @param {unknown} json @param {string} name */
function text(json, name) {
  const value = member(json, name)
  if (typeof value !== 'string') throw new Failed(name)
  return value
}

/** A URL of this server: the check sends nothing elsewhere. @param {string} url */
function own(url) {
  const parsed = new URL(url, location.href)
  if (parsed.origin !== location.origin) throw new Failed(parsed.origin)
  return parsed.href
}

/** @param {string} path @param {unknown} message @param {Record<string, string>} [headers] */
async function send(path, message, headers = {}) {
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  return await ask(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(message) })
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: { name: STORED, version: '1' } },
}

/** Without a token the service says where to find its document. @param {string} path */
async function reach(path) {
  const response = await send(path, INITIALIZE)
  const [, url] = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? []
  if (response.status !== 401 || url === undefined) throw new Failed(`HTTP ${response.status}`)
  return own(url)
}

/** @param {string} path @param {string} url @returns {Promise<Target>} */
async function readResource(path, url) {
  const document = await askJson(url)
  const servers = member(document, 'authorization_servers')
  if (!Array.isArray(servers) || servers.length === 0) throw new Failed('authorization_servers')
  own(String(servers[0]))
  const scopes = member(document, 'scopes_supported')
  return {
    path,
    resource: text(document, 'resource'),
    scope: Array.isArray(scopes) ? scopes.join(' ') : '',
  }
}

/** @returns {Promise<Endpoints>} */
async function discover() {
  const metadata = await askJson('/.well-known/oauth-authorization-server')
  return {
    authorize: own(text(metadata, 'authorization_endpoint')),
    token: own(text(metadata, 'token_endpoint')),
    register: own(text(metadata, 'registration_endpoint')),
    revoke: own(text(metadata, 'revocation_endpoint')),
  }
}

/** @param {Endpoints} endpoints */
async function register({ register: url }) {
  const registered = await askJson(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: document.title,
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
    }),
  })
  return text(registered, 'client_id')
}

/** @param {string} path */
async function begin(path) {
  times = {}
  const url = await step('reach', () => reach(path))
  const target = await step('resource', () => readResource(path, url))
  const endpoints = await step('discovery', discover)
  const clientId = await step('register', () => register(endpoints))
  show('consent', 'running')
  await signIn({ target, endpoints, clientId, begunAt: Date.now(), times })
}

/** Sends the browser to sign in (RFC 7636); `resume` goes on when it is back. @param {Omit<Saved, 'state' | 'verifier'>} saved */
async function signIn(saved) {
  const state = crypto.randomUUID()
  // At least 43 characters (RFC 7636 section 4.1).
  const verifier = `${crypto.randomUUID()}-${crypto.randomUUID()}`
  sessionStorage.setItem(STORED, JSON.stringify({ ...saved, state, verifier }))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)))
  const challenge = btoa(String.fromCharCode(...hash)).replace(/[+/=]/g, (one) => BASE64URL[one] ?? '')
  const { resource, scope } = saved.target
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const request = { response_type: 'code', client_id: saved.clientId, redirect_uri: REDIRECT_URI, state }
  location.assign(
    `${saved.endpoints.authorize}?${new URLSearchParams({ ...request, ...pkce, resource, scope })}`,
  )
}

/** @param {Saved} saved @param {URLSearchParams} answer */
async function resume(saved, answer) {
  times = saved.times
  for (const name of /** @type {StepName[]} */ (Object.keys(times))) show(name, 'good')
  times.consent = Date.now() - saved.begunAt
  const error = answer.get('error')
  show('consent', error === null ? 'good' : 'failed', error ?? '')
  if (error !== null) throw new Failed(error)
  const tokens = await step('token', () => redeem(saved, answer.get('code') ?? ''))
  try {
    await step('tools', () => listTools(saved.target.path, tokens.access))
  } finally {
    await step('end', () => end(saved, tokens))
  }
}

/** @param {Saved} saved @param {string} code */
async function redeem({ endpoints, clientId, verifier, target }, code) {
  const answer = await askJson(endpoints.token, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      resource: target.resource,
    }),
  })
  return { access: text(answer, 'access_token'), refresh: text(answer, 'refresh_token') }
}

/** @param {string} path @param {string} token */
async function listTools(path, token) {
  const authorization = `Bearer ${token}`
  const response = await send(path, INITIALIZE, { authorization })
  const version = member(await result(response), 'protocolVersion')
  const session = response.headers.get('mcp-session-id')
  const headers = {
    authorization,
    'mcp-protocol-version': String(version),
    ...(session === null ? {} : { 'mcp-session-id': session }),
  }
  await send(path, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
  const list = await result(await send(path, { jsonrpc: '2.0', id: 2, method: 'tools/list' }, headers))
  if (!Array.isArray(member(list, 'tools'))) throw new Failed('tools')
}

/** The result of a JSON-RPC response, which may come as an event. @param {Response} response */
async function result(response) {
  if (!response.ok) throw new Failed(`HTTP ${response.status}`)
  const body = await response.text()
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const [, data] = isStream ? (/^data: ?(\{.*)$/m.exec(body) ?? []) : [body, body]
  /** @type {unknown} */
  const message = JSON.parse(data ?? '')
  const value = member(message, 'result')
  if (value === undefined) throw new Failed(String(member(member(message, 'error'), 'code')))
  return value
}

/** Revokes the session, and sees that its access token is refused. @param {Saved} saved @param {{ access: string, refresh: string }} tokens */
async function end({ endpoints, clientId, target }, { access, refresh }) {
  const body = new URLSearchParams({ token: refresh, client_id: clientId })
  const { ok, status } = await ask(endpoints.revoke, { method: 'POST', body })
  if (!ok) throw new Failed(`HTTP ${status}`)
  const after = await send(target.path, INITIALIZE, { authorization: `Bearer ${access}` })
  if (after.status !== 401) throw new Failed(`HTTP ${after.status}`)
}

/** @param {() => Promise<void>} work @param {'running' | 'good'} then - what it comes to if no step fails */
async function run(work, then) {
  const outcome = find('#outcome')
  find('#steps').hidden = false
  outcome.textContent = ''
  try {
    await work()
    outcome.textContent = outcome.dataset[then] ?? ''
  } catch {
    outcome.textContent = outcome.dataset.failed ?? ''
  }
  const button = find('#check button')
  button.textContent = button.dataset.again ?? ''
}

/** What was stored before the sign-in, once, and only for the answer that belongs to it. @param {URLSearchParams} answer */
function takeSaved(answer) {
  const stored = sessionStorage.getItem(STORED)
  if (stored === null || !answer.has('state')) return undefined
  sessionStorage.removeItem(STORED)
  /** @type {unknown} */
  const parsed = JSON.parse(stored)
  const saved = /** @type {Saved} */ (parsed)
  return saved.state === answer.get('state') ? saved : undefined
}

const untouched = find('#steps').cloneNode(true)
find('#check').hidden = false
find('#check').addEventListener('submit', (event) => {
  event.preventDefault()
  find('#steps').replaceWith(untouched.cloneNode(true))
  const service = find('#service')
  if (service instanceof HTMLSelectElement) void run(() => begin(service.value), 'running')
})

const answer = new URLSearchParams(location.search)
const saved = takeSaved(answer)
// The code must not stay in the address, the history or a Referer header.
if (answer.has('state')) history.replaceState(undefined, '', location.pathname)
if (saved !== undefined) void run(() => resume(saved, answer), 'good')
