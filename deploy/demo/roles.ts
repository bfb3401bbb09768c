export type RoleName = 'ReadWriteQuiltBucket' | 'ReadQuiltBucket'

interface Bucket {
  readonly name: string
  readonly title: string
}

/** The permissions of a Quilt role. The demo servers enforce them, as AWS does in a real stack. */
interface Role {
  readonly buckets: readonly Bucket[]
  readonly mayChange: boolean
}

const OPEN_DATA: Bucket = { name: 'quilt-open-data', title: 'Open data' }
const LAB: Bucket = { name: 'quilt-lab', title: 'Lab' }

export const ROLES: Readonly<Record<RoleName, Role>> = {
  ReadWriteQuiltBucket: { buckets: [OPEN_DATA, LAB], mayChange: true },
  ReadQuiltBucket: { buckets: [OPEN_DATA], mayChange: false },
}
