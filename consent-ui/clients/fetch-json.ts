import { lookup as resolveHost } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { freshSecondsOf } from './freshness.ts'
import { isSpecialUse } from './special-use-addresses.ts'
import { bareHost } from '../../core/config/settings.ts'
import { readBounded, TooLargeError } from '../../core/http/read-bounded.ts'

export interface Reach {
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>
  readonly isForbidden: (address: string) => boolean
  /** For the whole fetch, from name resolution to the last byte. */
  readonly timeoutMs: number
}

const TIMEOUT_MS = 5000

export const PUBLIC_NETWORK: Reach = {
  resolve: (host) => resolveHost(host, { all: true }),
  isForbidden: isSpecialUse,
  timeoutMs: TIMEOUT_MS,
}

export interface FetchedJson {
  readonly json: unknown
  readonly freshSeconds: number
}

/** The fetch failed. The message quotes nothing of the response. */
export class FetchFailed extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'FetchFailed'
  }
}

/**
 * Fetches JSON from a URL that an attacker may have chosen: only https, no redirects, only 200, at most `maxBytes`
 * before and after decompression. The IP address that was checked is the one connected to.
 *
 * @throws FetchFailed
 */
export async function fetchJson(url: URL, maxBytes: number, reach: Reach): Promise<FetchedJson> {
  try {
    const response = await open(url, reach)
    try {
      checkHead(response)
      const bytes = unpacked(await bodyOf(response, maxBytes), response, maxBytes)
      return { json: JSON.parse(utf8(bytes)), freshSeconds: freshSecondsOf(response.headers) }
    } finally {
      response.destroy()
    }
  } catch (error) {
    if (error instanceof FetchFailed) throw error
    throw new FetchFailed(reasonOf(error), { cause: error })
  }
}

async function open(url: URL, reach: Reach): Promise<IncomingMessage> {
  if (url.protocol !== 'https:') throw new FetchFailed('it is not at an https address')
  const literal = bareHost(url.hostname)
  // An IP address as host is not resolved, so the lookup does not check it.
  if (isIP(literal) !== 0 && reach.isForbidden(literal)) throw forbidden()
  return await new Promise((resolve, reject) => {
    const sent = request(url, {
      // No reuse: an open socket's address was checked for another URL.
      agent: false,
      lookup: checkedLookup(reach),
      signal: AbortSignal.timeout(reach.timeoutMs),
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    })
    sent.on('response', resolve).on('error', reject).end()
  })
}

/** The addresses that were checked are handed to the socket, so that no second answer of a name server counts. */
function checkedLookup({ resolve, isForbidden }: Reach): LookupFunction {
  return function lookup(host, options, callback) {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(new FetchFailed('its host has no address'), '')
        else if (addresses.some(({ address }) => isForbidden(address))) callback(forbidden(), '')
        else if (options.all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(new FetchFailed('its host cannot be found', { cause: error }), ''),
    )
  }
}

function checkHead({ statusCode, headers }: IncomingMessage): void {
  if (statusCode !== 200) throw new FetchFailed(`its server answered ${statusCode ?? 'nothing'}`)
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (!/^application\/([a-z0-9.-]+\+)?json$/i.test(type.trim())) throw new FetchFailed('it is not JSON')
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return await readBounded(response, maxBytes).catch((error: unknown) => {
    throw error instanceof TooLargeError ? tooLarge(maxBytes) : error
  })
}

/** Some servers compress although the request asks for identity. */
function unpacked(bytes: Buffer, { headers }: IncomingMessage, maxBytes: number): Buffer {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return bytes
  if (encoding !== 'gzip') throw new FetchFailed(`its content-encoding is neither identity nor gzip`)
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw new FetchFailed(`it does not decompress into ${maxBytes} bytes`, { cause: error })
  }
}

function utf8(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

function forbidden(): FetchFailed {
  return new FetchFailed('its host is not on the public network')
}

function tooLarge(maxBytes: number): FetchFailed {
  return new FetchFailed(`it is larger than ${maxBytes} bytes`)
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof TypeError) return 'it is not JSON'
  const name = error instanceof Error ? error.name : ''
  return name === 'AbortError' || name === 'TimeoutError'
    ? 'its server takes too long'
    : 'its server cannot be reached'
}
