import type { OperatorKey } from '../../../core/keys/keys.ts'
import type { KeyUse } from '../../../consent-ui/keys/key-usage.ts'

type Use = OperatorKey['use']

/** Tells the operator whether to keep, lower or drop a sealing key. */
export function sealingAdvice(
  use: Use,
  { sessions, refreshTokens, registrations, links, linksUntil, inProgress, until }: KeyUse,
): string {
  switch (use) {
    case 'sign':
      return 'keep: it seals new data'
    case 'accept':
      if (sessions + refreshTokens > 0) return `keep: the last session that uses it ends by ${day(until)}`
      if (links > 0)
        return `keep: account links use it until their users sign in, at most until ${day(linksUntil)}`
      if (inProgress > 0) return 'keep: sign-ins in progress use it; check again in 15 minutes'
      return 'may be lowered to "registrations"'
    case 'registrations':
      if (sessions + refreshTokens > 0) return 'change back to "accept": live sessions use it'
      if (links > 0) return 'change back to "accept": account links use it'
      if (registrations > 0) return 'keep: clients of live sessions registered with it'
      return 'may be dropped: clients that return later must register again'
  }
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 'yyyy-mm-dd'.length)
}

/** @param seconds - until the last token that it signed expires */
export function signingAdvice(use: Use, seconds: number): string {
  if (use === 'sign') return 'keep: it signs new tokens'
  const minutes = Math.ceil(seconds / 60)
  return seconds > 0 ? `keep: tokens that it signed expire within ${minutes} minutes` : 'may be dropped'
}
