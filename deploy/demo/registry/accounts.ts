import type { DemoPerson } from '../people.ts'
import type { RoleName } from '../roles.ts'
import { notAuthenticated } from './refusal.ts'

/** Somebody's account at this Registry. */
export interface Account {
  readonly person: DemoPerson
  /** The active role is the account's: it changes for all its tokens at once. */
  role: RoleName
}

/** Everybody's accounts. */
export class Accounts {
  readonly #accounts: readonly Account[]
  readonly #deactivated: Set<string>

  /** @param deactivated - names of the people whose accounts are inactive, as it is at any time */
  constructor(people: readonly DemoPerson[], deactivated: Set<string>) {
    this.#accounts = people.map((person) => ({ person, role: person.quilt.role }))
    this.#deactivated = deactivated
  }

  withId(id: string): Account | undefined {
    return this.#accounts.find(({ person }) => person.quilt.id === id)
  }

  withName(name: string): Account | undefined {
    return this.#accounts.find(({ person }) => person.quilt.name === name)
  }

  withEmail(email: string): Account | undefined {
    return this.#accounts.find(({ person }) => person.email === email)
  }

  /** Whose password this is; passwords of the demo are on the screen of whoever started it. */
  withPassword(nameOrEmail: string, password: string): Account | undefined {
    const account = this.withName(nameOrEmail) ?? this.withEmail(nameOrEmail.toLowerCase())
    return account?.person.password === password ? account : undefined
  }

  setActive(account: Account, isActive: boolean): void {
    if (isActive) this.#deactivated.delete(account.person.quilt.name)
    else this.#deactivated.add(account.person.quilt.name)
  }

  isActive(account: Account): boolean {
    return !this.#deactivated.has(account.person.quilt.name)
  }

  /** @throws Refusal 401, as since release 26.8 (it was 403 before) */
  requireActive(account: Account): Account {
    if (this.isActive(account)) return account
    throw notAuthenticated('Account is inactive. Must have an active account.')
  }
}
