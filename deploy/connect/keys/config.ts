import { z } from 'zod'
import { readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { keyList, keyRing, type KeyRing } from '../../../core/keys/keys.ts'
import { origin } from '../../../core/config/settings.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../../../core/store/store-settings.ts'
import { refuseReusedSecrets } from '../../../consent-ui/config/reused-secrets.ts'

const signingVariables = { CONNECT_ORIGIN: origin, CONNECT_SIGNING_KEYS: keyList('signing') }

const publicSchema = z.object(signingVariables)

const statusSchema = z
  .object({ ...signingVariables, CONNECT_SEALING_KEYS: keyList('sealing'), ...storeVariables })
  .superRefine(checkStoreVariables)
  .superRefine(refuseReusedSecrets)

const bundleSchema = z
  .object({
    ...signingVariables,
    CONNECT_SEALING_KEYS: keyList('sealing'),
    AUDIT_KEYS: keyList('audit').optional(),
  })
  .superRefine(refuseReusedSecrets)

const keyTextsSchema = z.object({
  CONNECT_SIGNING_KEYS: z.string().optional(),
  CONNECT_SEALING_KEYS: z.string().optional(),
  AUDIT_KEYS: z.string().optional(),
})

/** The key lists as JSON. */
export type KeyTexts = z.output<typeof keyTextsSchema>

export interface StatusConfig {
  readonly signingKeys: KeyRing
  readonly sealingKeys: KeyRing
  readonly store: StoreSettings
}

/** @throws ConfigurationError that lists every problem */
export function readSigningKeys(environment: Environment): KeyRing {
  const env = readEnvironment(publicSchema, environment)
  return keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS)
}

/**
 * Reads and checks the key lists; if none is set, new ones.
 *
 * @throws ConfigurationError that lists every problem
 */
export function readKeyBundle(
  environment: Environment,
  newLists: () => KeyTexts,
): { readonly texts: KeyTexts; readonly signingKeys: KeyRing } {
  const set = readEnvironment(keyTextsSchema, environment)
  const texts = Object.keys(set).length === 0 ? newLists() : set
  const env = readEnvironment(bundleSchema, { CONNECT_ORIGIN: environment.CONNECT_ORIGIN, ...texts })
  return { texts, signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS) }
}

/** @throws ConfigurationError that lists every problem */
export function readStatusConfig(environment: Environment): StatusConfig {
  const env = readEnvironment(statusSchema, environment)
  return {
    signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS),
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    store: storeSettings(env),
  }
}
