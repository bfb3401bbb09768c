import { hash } from 'node:crypto'
import { z } from 'zod'
import { equalSecrets } from '../../core/keys/hash.ts'
import { secretProblem } from '../../core/keys/keys.ts'

/** `introspect`: ask about tokens (RFC 7662); `end-user`: end every session of a person. */
export const CALLER_USES = ['introspect', 'end-user'] as const
export type CallerUse = (typeof CALLER_USES)[number]
export const CALLER_NAME = /^[a-z0-9-]{1,32}$/

/** A key of one of the operator's programs. It has one use, so that a leaked one cannot do the other's. */
export interface CallerKey {
  /** For logs and the audit log. */
  readonly name: string
  readonly use: CallerUse
  /** SHA-256 of the key, hexadecimal. */
  readonly sha256: string
}

const ENTRY = /^([^:]*):([^:]*):([0-9a-f]{64})$/

/** Schema of `CONNECT_OPERATOR_KEYS`: entries `name:use:sha256`, separated by commas. Problems name the position. */
export const callerKeys = z
  .string()
  .default('')
  .transform((text, context): readonly CallerKey[] => {
    const entries = text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
    const keys = entries.map(readEntry)
    const known = keys.filter((key) => key !== undefined)
    keys.forEach((key, index) => {
      if (key === undefined) context.addIssue({ code: 'custom', message: problemOf(index) })
    })
    for (const member of ['name', 'sha256'] as const) {
      if (new Set(known.map((key) => key[member])).size === known.length) continue
      context.addIssue({ code: 'custom', message: `has two entries with the same ${member}` })
    }
    return known
  })

function problemOf(index: number): string {
  return `entry ${index + 1} must be name:use:sha256 with the use ${CALLER_USES.join(' or ')}; make it with npm run keys -- new operator NAME USE`
}

function readEntry(entry: string): CallerKey | undefined {
  const [, name = '', use, sha256 = ''] = ENTRY.exec(entry) ?? []
  const known = CALLER_USES.find((one) => one === use)
  return known === undefined || !CALLER_NAME.test(name) ? undefined : { name, use: known, sha256 }
}

export function callerEntry(name: string, use: CallerUse, secret: string): string {
  return `${name}:${use}:${hashOf(secret)}`
}

/** Finds a presented key among all of them, in constant time. Only texts that `npm run keys` makes are compared. */
export function findCaller(
  keys: readonly CallerKey[],
  use: CallerUse,
  presented: string,
): CallerKey | undefined {
  if (secretProblem(presented, 'operator') !== undefined) return undefined
  const sha256 = hashOf(presented)
  const found = keys.filter((key) => equalSecrets(key.sha256, sha256))
  return found.find((key) => key.use === use)
}

function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}
