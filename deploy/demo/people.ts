import type { RoleName } from './roles.ts'

/** A user of the demo organisation, at the identity provider and in Quilt. */
export interface DemoPerson {
  readonly sub: string
  readonly name: string
  readonly email: string
  /** Printed by `npm start`. */
  readonly password: string
  readonly quilt: {
    readonly id: string
    readonly name: string
    readonly role: RoleName
    readonly extraRoles: readonly RoleName[]
    readonly isAdmin: boolean
  }
}

/** May read and write, and is a Quilt administrator. */
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
    isAdmin: true,
  },
}

/** May only read, and only the open data. */
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
    isAdmin: false,
  },
}

export const PEOPLE: readonly DemoPerson[] = [ADA, GRACE]
