import type { z } from 'zod'
import type { OperatorKey } from '../../core/keys/keys.ts'

interface KeyEnvironment {
  readonly CONNECT_SEALING_KEYS: readonly OperatorKey[]
  readonly CONNECT_SIGNING_KEYS: readonly OperatorKey[]
  readonly AUDIT_KEYS?: readonly OperatorKey[] | undefined
}

/** Refuses a secret that is in two lists: authz has the sealing and audit keys and must not be able to sign. */
export function refuseReusedSecrets(environment: KeyEnvironment, context: z.RefinementCtx): void {
  const { CONNECT_SEALING_KEYS: sealing, AUDIT_KEYS: audit = [] } = environment
  const others = new Map([
    ...audit.map(({ id, secret }) => [secret.toString('hex'), `audit key ${id}`] as const),
    ...sealing.map(({ id, secret }) => [secret.toString('hex'), `sealing key ${id}`] as const),
  ])
  for (const [index, { id, secret }] of environment.CONNECT_SIGNING_KEYS.entries()) {
    const other = others.get(secret.toString('hex'))
    if (other === undefined) continue
    context.addIssue({
      code: 'custom',
      path: ['CONNECT_SIGNING_KEYS'],
      message: `key ${index + 1} (${id}) has the secret of the ${other}; make a key of its own with npm run keys`,
    })
  }
}
