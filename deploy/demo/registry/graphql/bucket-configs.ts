import { ROLES } from '../../roles.ts'
import type { Account } from '../accounts.ts'

/**
 * `bucketConfigs`: like `buckets`, of the active role, except that admins see all (the catalog's change #4839 says
 * so); the demo has no admins.
 */
export function bucketConfigs({ role }: Account) {
  return ROLES[role].buckets.map((bucket) => ({
    ...bucket,
    __typename: 'BucketConfig',
    relevanceScore: 0,
    browsable: false,
    tags: [],
    tabulatorTables: [],
  }))
}

/** `bucketConfig`: null for a bucket that is not there and for one of others alike. */
export function bucketConfig(account: Account) {
  return ({ name }: { name: string }) => bucketConfigs(account).find((bucket) => bucket.name === name)
}
