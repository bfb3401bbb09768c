import { PLATFORM_ENTRY } from '../../support/services.ts'
import { newSecret, type KeyKind, type KeyListEntry } from '../../../core/keys/keys.ts'

export type Settings = Readonly<Record<string, string>>

/** The documented example, with Cursor and QuiltSync. */
export const ALLOWED_HOSTS =
  'localhost,.benchling.com,.cloud.databricks.com,chat.openai.com,chatgpt.com,claude.ai,claude.com,cursor://,gemini.google.com,vscode.dev,windsurf://,www.cursor.com,quilt://'

/** Off, as all tests come from one address; test/consent-ui/limits sets some. */
export const NO_RATE_LIMITS: Settings = Object.fromEntries(
  [
    ...[
      'REGISTER',
      'AUTHORIZE',
      'AUTHORIZE_PER_CLIENT',
      'PAGES',
      'OPEN_TRANSACTIONS',
      'TOKEN_FAILURES',
      'TOKEN_FAILURES_PER_CLIENT',
    ],
    ...[
      'CODE_GUESSES',
      'CODE_GUESSES_PER_CLIENT',
      'PASTED_CODES',
      'PASTED_CODES_PER_CLIENT',
      'CALLER_FAILURES',
    ],
  ].map((name) => [`RATE_LIMIT_${name}`, 'off']),
)

/** All settings except the organisation's servers. */
export function settingsFor(origin: string, redisUrl: string): Settings {
  return {
    CONNECT_ORIGIN: origin,
    CONSENT_UI_LISTEN: '127.0.0.1:0',
    CONNECT_SERVICES: PLATFORM_ENTRY,
    REDIS_URL: redisUrl,
    CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'key-1')),
    CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'key-1')),
    CONNECT_ALLOWED_HOSTS: ALLOWED_HOSTS,
    ...NO_RATE_LIMITS,
  }
}

export function newKey(kind: KeyKind, id: string): KeyListEntry {
  return { id, secret: newSecret(kind), use: 'sign' }
}

export function keyList(...keys: readonly KeyListEntry[]): string {
  return JSON.stringify(keys)
}

/** The list after a rotation: a new key is current, the others are accepted. */
export function rotated(list: string, kind: KeyKind): string {
  const keys = JSON.parse(list) as KeyListEntry[]
  const accepted = keys.map((key) => ({ ...key, use: 'accept' as const }))
  return keyList(...accepted, newKey(kind, `key-${keys.length + 1}`))
}
