import type { OperatorKey } from '../../core/keys/keys.ts'
import type { KeyUse } from '../../consent-ui/keys/session-census.ts'

type Use = OperatorKey['use']

/** What an operator may do with a sealing key now. */
export function sealingAdvice(
  use: Use,
  { sessions, refreshTokens, registrations, links, linksUntil, inProgress, until }: KeyUse,
): string {
  switch (use) {
    case 'sign':
      return 'keep: it seals what is new'
    case 'accept':
      if (sessions + refreshTokens > 0) return `keep: the last session that rests on it ends by ${day(until)}`
      if (links > 0)
        return `keep: account links rest on it until their people sign in, at most to ${day(linksUntil)}`
      if (inProgress > 0) return 'keep: sign-ins of the last minutes rest on it; look again in 15 minutes'
      return 'may be lowered to "registrations"'
    case 'registrations':
      if (sessions + refreshTokens > 0) return 'put back to "accept": live sessions rest on it'
      if (links > 0) return 'put back to "accept": account links rest on it'
      if (registrations > 0) return `keep: clients of live sessions registered under it`
      return 'may be dropped: clients that come back after it must register again'
  }
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 'yyyy-mm-dd'.length)
}

/** @param seconds - for how long tokens that it signed may live on */
export function signingAdvice(use: Use, seconds: number): string {
  if (use === 'sign') return 'keep: it signs what is new'
  const minutes = Math.ceil(seconds / 60)
  return seconds > 0 ? `keep: tokens that it signed live for up to ${minutes} minutes` : 'may be dropped'
}
