import { z } from 'zod'
import { ConfigurationError, readEnvironment, type Environment } from '../../core/config/environment.ts'
import { days } from '../../core/config/settings.ts'
import { MAX_SESSION_DAYS } from '../../core/sessions/session.ts'

export interface SessionLifetimes {
  /** From the approval, unless the user chooses another lifetime. Nothing extends a session. */
  readonly sessionSeconds: number
  /** The longest choice on the consent page. */
  readonly maxSeconds: number
  /** A session ends this long after its last refresh. */
  readonly idleSeconds: number
}

const DAY_SECONDS = 86_400
const DEFAULT_SESSION_DAYS = 30
const DEFAULT_IDLE_DAYS = 14

const anyDays = days(1, MAX_SESSION_DAYS)
const schema = z.object({
  SESSION_MAX_DAYS: anyDays.default(MAX_SESSION_DAYS),
  SESSION_DAYS: anyDays.optional(),
  SESSION_IDLE_DAYS: anyDays.optional(),
})

/** @throws ConfigurationError that lists every problem */
export function readSessionLifetimes(environment: Environment): SessionLifetimes {
  const { SESSION_MAX_DAYS: max, ...chosen } = readEnvironment(schema, environment)
  const session = chosen.SESSION_DAYS ?? Math.min(DEFAULT_SESSION_DAYS, max)
  const idle = chosen.SESSION_IDLE_DAYS ?? Math.min(DEFAULT_IDLE_DAYS, session)
  const problems = [
    ...(session > max ? [`SESSION_DAYS must be at most SESSION_MAX_DAYS, which is ${max}`] : []),
    ...(idle > session ? [`SESSION_IDLE_DAYS must be at most SESSION_DAYS, which is ${session}`] : []),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    sessionSeconds: session * DAY_SECONDS,
    maxSeconds: max * DAY_SECONDS,
    idleSeconds: idle * DAY_SECONDS,
  }
}
