import type { Answer } from './answer-reader.ts'
import type { ExpectedAnswer } from './job.ts'

/** The service's answer tells in this header what it saw in Authorization, cut off after so many characters. */
export const SEEN_HEADER = 'x-seen'
export const SEEN_CHARACTERS = 20
const SESSION_DIGITS = 7

/** The Quilt credential of a session begins so, each with another number. */
export function credentialOf(session: number): string {
  return `quilt-${String(session).padStart(SESSION_DIGITS, '0')}`
}

/** A request: its token, and the number of the token's session. */
export interface Asked {
  readonly session: number
  readonly token: string
}

/** What is wrong with an answer to the token of a session; undefined where nothing is. */
export function describeFault(answer: Answer, expected: ExpectedAnswer, asked: Asked): string | undefined {
  const shown = expected.seen === 'token' ? asked.token : credentialOf(asked.session)
  const seen = `Bearer ${shown}`.slice(0, SEEN_CHARACTERS)
  if (answer.status !== expected.status) return `status ${answer.status}: ${answer.body.slice(0, 200)}`
  if (answer.headers.get(SEEN_HEADER) !== seen) return 'the service saw the wrong credential'
  return answer.body === expected.body ? undefined : `another body: ${answer.body.slice(0, 200)}`
}
