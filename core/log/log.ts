import { pino, type DestinationStream, type Logger } from 'pino'
import { withoutSecrets } from './log-redaction.ts'

export type Log = Logger

/** JSON lines, on standard output unless told otherwise. Secrets are never handed to it, and taken out if they are. */
export function createLog(
  service: string,
  level: string,
  destination: DestinationStream = pino.destination(1),
): Log {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: withoutSecrets },
  }
  return pino(options, destination)
}
