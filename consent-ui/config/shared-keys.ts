import type { z } from 'zod'
import type { OperatorKey } from '../../core/keys/keys.ts'

interface KeyEnvironment {
  readonly CONNECT_SEALING_KEYS: readonly OperatorKey[]
  readonly CONNECT_SIGNING_KEYS: readonly OperatorKey[]
}

/** Refuses a secret that is in both lists: authz has the sealing keys and must not be able to sign. */
export function refuseSharedKeys(environment: KeyEnvironment, context: z.RefinementCtx): void {
  const sealing = new Map(
    environment.CONNECT_SEALING_KEYS.map(({ id, secret }) => [secret.toString('hex'), id]),
  )
  for (const [index, { id, secret }] of environment.CONNECT_SIGNING_KEYS.entries()) {
    const sealingId = sealing.get(secret.toString('hex'))
    if (sealingId === undefined) continue
    context.addIssue({
      code: 'custom',
      path: ['CONNECT_SIGNING_KEYS'],
      message: `key ${index + 1} (${id}) has the secret of the sealing key ${sealingId}; make a key of its own with npm run keys`,
    })
  }
}
