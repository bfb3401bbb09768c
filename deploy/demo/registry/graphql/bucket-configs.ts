import { ROLES } from '../../roles.ts'
import type { Account } from '../accounts.ts'

/** The buckets of the active role. In the product admins see all (catalog change #4839); the demo has no admins. */
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

/** Null for a bucket that is missing or that the role may not see. */
export function bucketConfig(account: Account) {
  return ({ name }: { name: string }) => bucketConfigs(account).find((bucket) => bucket.name === name)
}
