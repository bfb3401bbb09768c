import type { SessionLifetimes } from '../config/session-lifetimes.ts'

export const LIFETIME_NAMES = ['today', 'usual', 'most'] as const

/** How long a person lets an application in. */
export type LifetimeName = (typeof LIFETIME_NAMES)[number]

export interface LifetimeChoice {
  readonly name: LifetimeName
  /** From the answer on. */
  readonly seconds: number
}

/**
 * A working day. Where the person's day ends, their browser does not tell without a script; this ends before the
 * next one begins, wherever they are.
 */
const TODAY_SECONDS = 12 * 3600

/** How long a choice lasts, within the operator's policy and what the credential behind it lives. */
export function secondsOf(
  name: LifetimeName,
  { sessionSeconds, mostSeconds }: SessionLifetimes,
  credentialSeconds: number,
): number {
  const chosen = { today: TODAY_SECONDS, usual: sessionSeconds, most: mostSeconds }[name]
  return Math.min(chosen, mostSeconds, credentialSeconds)
}

/** What there is to choose from, the shortest first: each is longer than the one before. */
export function lifetimeChoices(
  lifetimes: SessionLifetimes,
  credentialSeconds: number,
): readonly LifetimeChoice[] {
  const all = LIFETIME_NAMES.map((name) => ({ name, seconds: secondsOf(name, lifetimes, credentialSeconds) }))
  return all.filter(({ seconds }, index) => seconds > (all[index - 1]?.seconds ?? 0))
}
