import type { Answer } from './answer-reader.ts'
import type { ExpectedAnswer } from './job.ts'

/** The service returns the start of Authorization in this header. */
export const SEEN_HEADER = 'x-seen'
export const SEEN_CHARACTERS = 20
const SESSION_DIGITS = 7

export function credentialOf(session: number): string {
  return `quilt-${String(session).padStart(SESSION_DIGITS, '0')}`
}

export interface Asked {
  readonly session: number
  readonly token: string
}

/** Describes a wrong answer; undefined for the expected one. */
export function describeFault(answer: Answer, expected: ExpectedAnswer, asked: Asked): string | undefined {
  const shown = expected.seen === 'token' ? asked.token : credentialOf(asked.session)
  const seen = `Bearer ${shown}`.slice(0, SEEN_CHARACTERS)
  if (answer.status !== expected.status) return `status ${answer.status}: ${answer.body.slice(0, 200)}`
  if (answer.headers.get(SEEN_HEADER) !== seen) return 'the service saw the wrong credential'
  return answer.body === expected.body ? undefined : `another body: ${answer.body.slice(0, 200)}`
}
