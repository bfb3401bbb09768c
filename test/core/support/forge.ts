import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'

interface Pair {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Writes tokens byte by byte: libraries refuse to write malformed ones. */
export class Forge {
  readonly #pairs: readonly Pair[]

  constructor(...kids: readonly string[]) {
    this.#pairs = kids.map((kid) => ({ kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }))
  }

  get jwks(): JSONWebKeySet {
    const keys = this.#pairs.map(({ kid, publicKey }) => {
      const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' })
      return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
    })
    return { keys }
  }

  /** Signs header and payload unchanged, with the key that the header names, or else the first. */
  sign(header: string, payload: string): string {
    const [first] = this.#pairs
    const pair = this.#pairs.find(({ kid }) => kid === kidOf(header)) ?? first
    if (pair === undefined) throw new TypeError('a forge needs a key')
    const input = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' as const }
    const signature = sign('sha256', Buffer.from(`${header}.${payload}`), input)
    return `${header}.${payload}.${signature.toString('base64url')}`
  }
}

export function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url')
}

/** Undefined if the header cannot be read. */
function kidOf(header: string): unknown {
  try {
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown } | null)?.kid
  } catch {
    return undefined
  }
}
