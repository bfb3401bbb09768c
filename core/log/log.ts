import { pino, type DestinationStream, type Logger } from 'pino'
import { withoutSecrets } from './log-redaction.ts'
import { currentRequestId } from './request-context.ts'

export type Log = Logger

/** Writes JSON lines to standard output. The redaction is a second line of defence: no caller logs a secret. */
export function createLog(
  service: string,
  level: string,
  destination: DestinationStream = pino.destination(1),
): Log {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    mixin: requestOf,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: withoutSecrets },
  }
  return pino(options, destination)
}

function requestOf(): object {
  const request = currentRequestId()
  return request === undefined ? {} : { request }
}
