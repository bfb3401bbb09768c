import type { Log } from '../../core/log/log.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { NetworksOf } from '../limits/networks-of.ts'
import { KeyChecks } from './key-checks.ts'
import { findingKeyOwners } from './key-owner.ts'

/** How API keys are taken, where the operator wants them taken at all. */
export interface ApiKeys {
  readonly checks: KeyChecks
  /** What they may do. */
  readonly access: Access
}

interface Surroundings {
  readonly registryUrl: URL
  readonly networksOf: NetworksOf
  readonly log: Log
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/** @returns undefined where none are taken */
export function createApiKeys(
  access: Access | 'off',
  { registryUrl, ...surroundings }: Surroundings,
): ApiKeys | undefined {
  if (access === 'off') return undefined
  return { checks: new KeyChecks({ findOwner: findingKeyOwners(registryUrl), ...surroundings }), access }
}
