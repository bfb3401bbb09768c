import { pino, type Logger } from 'pino'

export type Log = Logger

/**
 * JSON lines on standard output. Secrets are never handed to it; the redaction is for the day that somebody
 * logs a request or an error whole.
 */
export function createLog(service: string, level: string): Log {
  return pino({
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[secret]',
    },
  })
}

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  'code',
  'state',
  'token',
  'access_token',
  'refresh_token',
  'id_token',
  'subject_token',
  'client_secret',
  'code_verifier',
  'credential',
  'share',
  'k',
]
