import type { Access } from '../../core/sessions/session.ts'
import type { Service } from '../../core/services/service.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'

const LIFETIME_NAMES = ['today', 'usual', 'most'] as const

type LifetimeName = (typeof LIFETIME_NAMES)[number]

export interface LifetimeChoice {
  readonly name: LifetimeName
  readonly seconds: number
}

/** A working day: without a script the user's time zone is unknown, but this ends before their next day. */
const TODAY_SECONDS = 12 * 3600

export interface Choice {
  readonly access: Access
  readonly lifetime: LifetimeName
}

/** What the user granted. Times are seconds since 1970. */
export interface Grant extends Choice {
  readonly endsAt: number
  readonly givenAt: number
  /** Set if it comes from an earlier consent, without asking again. */
  readonly skipsConsent?: true
}

export interface Offer {
  readonly access: readonly Access[]
  readonly lifetimes: readonly LifetimeChoice[]
  readonly preset: Choice
}

interface Bounds {
  readonly service: Service
  readonly lifetimes: SessionLifetimes
  /** Remaining life of the session's credential; infinite if it is renewed or not obtained yet. */
  readonly credentialSeconds: number
}

/** @param before - the same user's last choice for the same request */
export function offerOf({ service, lifetimes, credentialSeconds }: Bounds, before?: Choice): Offer {
  const choices = lifetimeChoices(lifetimes, credentialSeconds)
  const isOffered = (name: LifetimeName | undefined): boolean => choices.some((one) => one.name === name)
  const lifetime = [before?.lifetime, 'usual' as const].find(isOffered) ?? choices.at(-1)?.name ?? 'today'
  const access = before !== undefined && service.grants.includes(before.access) ? before.access : undefined
  return {
    access: service.grants,
    lifetimes: choices,
    preset: { access: access ?? narrowest(service.grants), lifetime },
  }
}

function narrowest(grants: Service['grants']): Access {
  return grants.includes('read') ? 'read' : 'full'
}

/** Reads the user's choice; a choice with one option may be missing. @throws ShownError if it was not offered */
export function readGrant(form: Parameters, { service, ...bounds }: Bounds, now: number): Grant {
  const access = chosen(form.get('access'), service.grants)
  const lifetime = chosen(form.get('lifetime'), LIFETIME_NAMES, namesOf(bounds))
  const seconds = secondsOf(lifetime, bounds.lifetimes, bounds.credentialSeconds)
  return { access, lifetime, endsAt: now + seconds, givenAt: now }
}

/** Accepts every known name: the offer may have shrunk since the page was shown. */
function chosen<Name extends string>(
  value: string | undefined,
  known: readonly Name[],
  offered: readonly Name[] = known,
): Name {
  const [only, ...others] = offered
  const choice = value === undefined && others.length === 0 ? only : known.find((name) => name === value)
  if (choice !== undefined) return choice
  throw new ShownError(en.errors.choice)
}

function namesOf({ lifetimes, credentialSeconds }: Omit<Bounds, 'service'>): readonly LifetimeName[] {
  return lifetimeChoices(lifetimes, credentialSeconds).map(({ name }) => name)
}

/** How long a choice lasts, within the operator's limits and the credential's life. */
function secondsOf(
  name: LifetimeName,
  { sessionSeconds, maxSeconds }: SessionLifetimes,
  credentialSeconds: number,
): number {
  const chosen = { today: TODAY_SECONDS, usual: sessionSeconds, most: maxSeconds }[name]
  return Math.min(chosen, maxSeconds, credentialSeconds)
}

export function lifetimeChoices(
  lifetimes: SessionLifetimes,
  credentialSeconds: number,
): readonly LifetimeChoice[] {
  const all = LIFETIME_NAMES.map((name) => ({ name, seconds: secondsOf(name, lifetimes, credentialSeconds) }))
  return all.filter(({ seconds }, index) => seconds > (all[index - 1]?.seconds ?? 0))
}
