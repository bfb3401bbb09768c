import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { ClientKeys } from './client.ts'
import { documentUrlFault, isDocumentHost, type ClientHosts } from './document-hosts.ts'
import type { JsonCache } from './json-cache.ts'

const REFETCH_SECONDS = 30

export interface ClientKeysDependencies {
  readonly keySets: JsonCache<JSONWebKeySet>
  readonly allowedHosts: AllowedHosts
  readonly clientHosts: ClientHosts
  readonly now: () => number
}

/** Looks up a client's keys for jose; an unknown key id fetches them again. Lookups throw Unavailable. */
export function clientKeys(dependencies: ClientKeysDependencies): (keys: ClientKeys) => JWTVerifyGetKey {
  return function keysOf(keys) {
    if ('jwks' in keys) return createLocalJWKSet(keys.jwks)
    requireAllowed(keys.jwksUri)
    return async (header, token) => {
      const keySet = async (since?: number) =>
        createLocalJWKSet(await dependencies.keySets.get(keys.jwksUri, since))
      try {
        return await (
          await keySet()
        )(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        return await (
          await keySet(dependencies.now() - REFETCH_SECONDS)
        )(header, token)
      }
    }
  }

  /** Checks again: the operator may have shortened the list since the registration. */
  function requireAllowed(jwksUri: string): void {
    const isAllowed =
      documentUrlFault(jwksUri) === undefined &&
      isDocumentHost(new URL(jwksUri), dependencies.allowedHosts, dependencies.clientHosts)
    if (!isAllowed) throw new OAuthError('invalid_client', 'jwks_uri is at a host that is not allowed')
  }
}
