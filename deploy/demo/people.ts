import type { RoleName } from './roles.ts'

/** Somebody of the demo organisation: who they are at the identity provider, and who they are in Quilt. */
export interface DemoPerson {
  /** OpenID Connect `sub`. */
  readonly sub: string
  readonly name: string
  readonly email: string
  /** Printed by `npm start`; it opens nothing but the demo. */
  readonly password: string
  readonly quilt: {
    readonly id: string
    readonly name: string
    /** The role that is active until the person switches. */
    readonly role: RoleName
    /** What the person may switch to, beside it. */
    readonly extraRoles: readonly RoleName[]
  }
}

/** May read and change. */
export const ADA: DemoPerson = {
  sub: 'demo-ada-lovelace',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  password: 'analytical-engine',
  quilt: {
    id: '8f0c2f5e-6a55-4a0e-9d0b-1f2c3a4b5c6d',
    name: 'ada',
    role: 'ReadWriteQuiltBucket',
    extraRoles: ['ReadQuiltBucket'],
  },
}

/** May only read, and only what is open to everybody. */
export const GRACE: DemoPerson = {
  sub: 'demo-grace-hopper',
  name: 'Grace Hopper',
  email: 'grace@example.com',
  password: 'nanosecond-wire',
  quilt: {
    id: '2b7d9e10-3c41-4f8b-8a6e-7d5c4b3a2f1e',
    name: 'grace',
    role: 'ReadQuiltBucket',
    extraRoles: [],
  },
}

export const PEOPLE: readonly DemoPerson[] = [ADA, GRACE]
