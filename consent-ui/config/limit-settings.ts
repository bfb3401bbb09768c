import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'

/** At most `points` in the `seconds` after the first. */
interface Limit {
  readonly points: number
  readonly seconds: number
}

/** A limit per client counts requests from all addresses that name the client. */
export type LimitName =
  | 'register'
  | 'authorize'
  | 'authorizePerClient'
  | 'pages'
  | 'openTransactions'
  | 'tokenFailures'
  | 'tokenFailuresPerClient'
  | 'codeGuesses'
  | 'codeGuessesPerClient'
  | 'pastedCodes'
  | 'pastedCodesPerClient'
  | 'callerFailures'

/** Undefined means no limit. */
export type Limits = Readonly<Record<LimitName, Limit | undefined>>

const MAX_POINTS = 1_000_000
const MAX_SECONDS = 86_400

/** `60/60` is 60 in 60 seconds; `off` is no limit. */
function limit(byDefault: string) {
  return z
    .string()
    .default(byDefault)
    .transform((text, context): Limit | undefined => {
      if (text === 'off') return undefined
      const [, points = 0, seconds = 0] = (/^(\d{1,7})\/(\d{1,5})$/.exec(text) ?? []).map(Number)
      if (points >= 1 && points <= MAX_POINTS && seconds >= 1 && seconds <= MAX_SECONDS) {
        return { points, seconds }
      }
      const max = `${MAX_POINTS}/${MAX_SECONDS}`
      context.addIssue({
        code: 'custom',
        message: `must be <number>/<seconds> such as 60/60, at most ${max}, or off`,
      })
      return z.NEVER
    })
}

/** Defaults let an office behind one address connect within a minute. Cheap requests count only when they fail. */
const schema = z.object({
  RATE_LIMIT_REGISTER: limit('60/60'),
  RATE_LIMIT_AUTHORIZE: limit('120/60'),
  // Limits per client raise an alarm; they refuse only addresses that have failed before.
  RATE_LIMIT_AUTHORIZE_PER_CLIENT: limit('6000/60'),
  // All clients and addresses together: each takes 1 to 5 KB of Redis for ten minutes.
  RATE_LIMIT_OPEN_TRANSACTIONS: limit('50000/600'),
  // A connection loads four or five pages.
  RATE_LIMIT_PAGES: limit('600/60'),
  // Clients retry a refresh token that has ended a few times.
  RATE_LIMIT_TOKEN_FAILURES: limit('120/60'),
  RATE_LIMIT_TOKEN_FAILURES_PER_CLIENT: limit('1200/60'),
  RATE_LIMIT_CODE_GUESSES: limit('30/60'),
  RATE_LIMIT_CODE_GUESSES_PER_CLIENT: limit('300/60'),
  // Each is a request to the Registry.
  RATE_LIMIT_PASTED_CODES: limit('20/300'),
  RATE_LIMIT_PASTED_CODES_PER_CLIENT: limit('300/300'),
  // Of the operator's programs: a right key always passes. For an API key, each is a question to the Registry.
  RATE_LIMIT_CALLER_FAILURES: limit('30/300'),
})

/** @throws ConfigurationError that lists every problem */
export function readLimitSettings(environment: Environment): Limits {
  const env = readEnvironment(schema, environment)
  return {
    register: env.RATE_LIMIT_REGISTER,
    authorize: env.RATE_LIMIT_AUTHORIZE,
    authorizePerClient: env.RATE_LIMIT_AUTHORIZE_PER_CLIENT,
    openTransactions: env.RATE_LIMIT_OPEN_TRANSACTIONS,
    pages: env.RATE_LIMIT_PAGES,
    tokenFailures: env.RATE_LIMIT_TOKEN_FAILURES,
    tokenFailuresPerClient: env.RATE_LIMIT_TOKEN_FAILURES_PER_CLIENT,
    codeGuesses: env.RATE_LIMIT_CODE_GUESSES,
    codeGuessesPerClient: env.RATE_LIMIT_CODE_GUESSES_PER_CLIENT,
    pastedCodes: env.RATE_LIMIT_PASTED_CODES,
    pastedCodesPerClient: env.RATE_LIMIT_PASTED_CODES_PER_CLIENT,
    callerFailures: env.RATE_LIMIT_CALLER_FAILURES,
  }
}
