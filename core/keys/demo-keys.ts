import type { z } from 'zod'
import type { OperatorKey } from './keys.ts'
import { isLoopback } from '../config/settings.ts'

/** What `npm start` calls the keys of a demonstration. */
const DEMO_KEY_ID = 'demo'

interface KeyEnvironment {
  readonly CONNECT_ORIGIN: string
  readonly CONNECT_SEALING_KEYS: readonly OperatorKey[]
  readonly CONNECT_SIGNING_KEYS?: readonly OperatorKey[]
}

/**
 * Refuses keys of a demonstration for a host that others can reach: whoever tried it out has seen them. For
 * `superRefine` of the schema that holds them.
 */
export function refuseDemoKeys(environment: KeyEnvironment, context: z.RefinementCtx): void {
  if (isLoopback(new URL(environment.CONNECT_ORIGIN).hostname)) return
  for (const name of ['CONNECT_SEALING_KEYS', 'CONNECT_SIGNING_KEYS'] as const) {
    if (environment[name]?.some(({ id }) => id === DEMO_KEY_ID) !== true) continue
    context.addIssue({
      code: 'custom',
      path: [name],
      message: `has the key "${DEMO_KEY_ID}" of a demonstration, which is for localhost alone`,
    })
  }
}
