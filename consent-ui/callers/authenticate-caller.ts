import type { Context } from 'koa'
import { usesBasic } from '../clients/presented-credentials.ts'
import type { RateLimits } from '../limits/limits.ts'
import { OAuthError } from '../oauth/errors.ts'
import { findCaller, type CallerKey, type CallerUse } from './caller-keys.ts'

export interface CallerDependencies {
  readonly issuer: string
  readonly callerKeys: readonly CallerKey[]
  readonly limits: RateLimits
}

/** As in OAuth's registries (RFC 8414 section 2). */
export const CALLER_METHODS = ['Bearer', 'client_secret_basic'] as const

/**
 * Authenticates a program of the operator by its key. The right key passes at any time; refusals are counted by address.
 *
 * @throws OAuthError `invalid_client` (401) with a challenge; TooManyRequests
 */
export async function authenticateCaller(
  dependencies: CallerDependencies,
  ctx: Context,
  use: CallerUse,
): Promise<CallerKey> {
  const caller = findPresented(dependencies.callerKeys, ctx.get('Authorization'), use)
  if (caller !== undefined) return caller
  await dependencies.limits.takeCallerFailure(ctx)
  throw callerRefused(dependencies, ctx)
}

export function callerRefused({ issuer }: Pick<CallerDependencies, 'issuer'>, ctx: Context): OAuthError {
  const isBasic = usesBasic(ctx.get('Authorization'))
  ctx.set('WWW-Authenticate', `${isBasic ? 'Basic' : 'Bearer'} realm="${issuer}"`)
  return new OAuthError('invalid_client', 'the key is missing or not accepted here')
}

function findPresented(
  keys: readonly CallerKey[],
  authorization: string,
  use: CallerUse,
): CallerKey | undefined {
  const bearer = readBearer(authorization)
  if (bearer !== undefined) return findCaller(keys, use, bearer)
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? []
  const [name, ...rest] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const caller = findCaller(keys, use, rest.join(':'))
  return caller?.name === name ? caller : undefined
}

/** The credential of an `Authorization: Bearer` header (RFC 6750 section 2.1). */
export function readBearer(authorization: string): string | undefined {
  return /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1]
}
