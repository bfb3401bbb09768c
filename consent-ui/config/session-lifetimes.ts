import { z } from 'zod'
import { ConfigurationError, readEnvironment, type Environment } from '../../core/config/environment.ts'
import { days } from '../../core/config/settings.ts'

/** How long a session lasts. */
export interface SessionLifetimes {
  /** From its approval, unless the person chooses otherwise; nothing makes it longer. */
  readonly sessionSeconds: number
  /** The most that they may choose. */
  readonly mostSeconds: number
  /** After the last refresh. */
  readonly idleSeconds: number
}

const DAY_SECONDS = 86_400
const LONGEST_SESSION_DAYS = 90
export const LONGEST_SESSION_SECONDS = LONGEST_SESSION_DAYS * DAY_SECONDS
const DEFAULT_SESSION_DAYS = 30
const DEFAULT_IDLE_DAYS = 14

const anyDays = days(1, LONGEST_SESSION_DAYS)
const schema = z.object({
  SESSION_MAX_DAYS: anyDays.default(LONGEST_SESSION_DAYS),
  SESSION_DAYS: anyDays.optional(),
  SESSION_IDLE_DAYS: anyDays.optional(),
})

/** @throws ConfigurationError that lists every problem */
export function readSessionLifetimes(environment: Environment): SessionLifetimes {
  const { SESSION_MAX_DAYS: most, ...chosen } = readEnvironment(schema, environment)
  const session = chosen.SESSION_DAYS ?? Math.min(DEFAULT_SESSION_DAYS, most)
  const idle = chosen.SESSION_IDLE_DAYS ?? Math.min(DEFAULT_IDLE_DAYS, session)
  const problems = [
    ...(session > most ? [`SESSION_DAYS must be at most SESSION_MAX_DAYS, which is ${most}`] : []),
    ...(idle > session ? [`SESSION_IDLE_DAYS must be at most SESSION_DAYS, which is ${session}`] : []),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    sessionSeconds: session * DAY_SECONDS,
    mostSeconds: most * DAY_SECONDS,
    idleSeconds: idle * DAY_SECONDS,
  }
}
