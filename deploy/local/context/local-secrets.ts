import { randomSecret } from '../../../core/keys/hash.ts'
import { keyList, keyRing, newSecret, type KeyKind } from '../../../core/keys/keys.ts'
import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'

/** Secrets for one run; in production they are in a secrets manager. */
export interface LocalSecrets {
  /** JSON, as the services read it. */
  readonly signingKeys: string
  readonly sealingKeys: string
  readonly auditKeys: string
  /** JWKS of the signing keys, for authz. */
  readonly publicKeys: string
  /** Of consent-ui, at the demo identity provider and the demo Registry. */
  readonly clientSecret: string
}

/** @param origin - of the Connect host; every key is bound to it */
export function makeLocalSecrets(origin: string): LocalSecrets {
  const signingKeys = newKeyList('signing')
  const ring = keyRing(origin, keyList('signing').parse(signingKeys))
  return {
    signingKeys,
    sealingKeys: newKeyList('sealing'),
    auditKeys: newKeyList('audit'),
    publicKeys: JSON.stringify(publicKeySet(ring)),
    clientSecret: randomSecret(),
  }
}

function newKeyList(kind: KeyKind): string {
  return JSON.stringify([{ id: 'demo', secret: newSecret(kind), use: 'sign' }])
}
