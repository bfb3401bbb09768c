import type { Access } from '../../core/sessions/session.ts'
import type { Service } from '../../core/services/service.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'

const LIFETIME_NAMES = ['today', 'usual', 'most'] as const

/** How long a person lets an application in. */
type LifetimeName = (typeof LIFETIME_NAMES)[number]

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

/** What a person chose on the consent page. */
export interface Choice {
  readonly access: Access
  readonly lifetime: LifetimeName
}

/** What an application is granted with an answer. Times are seconds since 1970. */
export interface Grant extends Choice {
  readonly endsAt: number
  /** When the person themselves gave it. */
  readonly givenAt: number
  /** An earlier answer of theirs stands in for a new one. */
  readonly isUnasked?: true
}

/** What a person may choose from. */
export interface Offer {
  readonly access: readonly Access[]
  readonly lifetimes: readonly LifetimeChoice[]
  /** What is chosen when the page opens. */
  readonly preset: Choice
}

interface Bounds {
  readonly service: Service
  readonly lifetimes: SessionLifetimes
  /** How long the credential lives that the session is to have; infinite where it is renewed, or not there yet. */
  readonly credentialSeconds: number
}

/** @param before - what the same person chose for the same request before */
export function offerOf({ service, lifetimes, credentialSeconds }: Bounds, before?: Choice): Offer {
  const choices = lifetimeChoices(lifetimes, credentialSeconds)
  const isOffered = (name: LifetimeName | undefined): boolean => choices.some((one) => one.name === name)
  const lifetime = [before?.lifetime, 'usual' as const].find(isOffered) ?? choices.at(-1)?.name ?? 'today'
  const access = before !== undefined && service.grants.includes(before.access) ? before.access : undefined
  return {
    access: service.grants,
    lifetimes: choices,
    // The narrowest is the first.
    preset: { access: access ?? service.grants[0], lifetime },
  }
}

/**
 * Reads what a person chose, and holds it to what there was to choose from. What there is no choice of needs no
 * answer.
 *
 * @throws ShownError for what was not offered
 */
export function readGrant(form: Parameters, { service, ...bounds }: Bounds, now: number): Grant {
  const access = chosen(form.get('access'), service.grants)
  const lifetime = chosen(form.get('lifetime'), LIFETIME_NAMES, namesOf(bounds))
  const seconds = secondsOf(lifetime, bounds.lifetimes, bounds.credentialSeconds)
  return { access, lifetime, endsAt: now + seconds, givenAt: now }
}

/** A choice that fell together with another since the page was shown is still one. */
function chosen<Name extends string>(
  value: string | undefined,
  known: readonly Name[],
  offered: readonly Name[] = known,
): Name {
  const [only, ...others] = offered
  const choice = value === undefined && others.length === 0 ? only : known.find((name) => name === value)
  if (choice !== undefined) return choice
  throw new ShownError(
    'Nothing was allowed',
    'Your choice is not on offer, or no longer is. Go back, reload the page and choose again.',
  )
}

function namesOf({ lifetimes, credentialSeconds }: Omit<Bounds, 'service'>): readonly LifetimeName[] {
  return lifetimeChoices(lifetimes, credentialSeconds).map(({ name }) => name)
}

/** How long a choice lasts, within the operator's policy and what the credential behind it lives. */
function secondsOf(
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
