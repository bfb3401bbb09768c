import type { z } from 'zod'
import type { OperatorKey } from './keys.ts'
import { isLoopback } from '../config/settings.ts'

const DEMO_KEY_ID = 'demo'

interface KeyEnvironment {
  readonly CONNECT_ORIGIN: string
  readonly CONNECT_SEALING_KEYS: readonly OperatorKey[]
  readonly CONNECT_SIGNING_KEYS?: readonly OperatorKey[]
  readonly AUDIT_KEYS?: readonly OperatorKey[] | undefined
}

/** Refuses demonstration keys for any host but localhost: other people know them. */
export function refuseDemoKeys(environment: KeyEnvironment, context: z.RefinementCtx): void {
  if (isLoopback(new URL(environment.CONNECT_ORIGIN).hostname)) return
  for (const name of ['CONNECT_SEALING_KEYS', 'CONNECT_SIGNING_KEYS', 'AUDIT_KEYS'] as const) {
    if (environment[name]?.some(({ id }) => id === DEMO_KEY_ID) !== true) continue
    context.addIssue({
      code: 'custom',
      path: [name],
      message: `has the demonstration key "${DEMO_KEY_ID}", which works on localhost only; make keys with npm run keys`,
    })
  }
}
