import type { DemoPerson } from '../people.ts'
import type { RoleName } from '../roles.ts'
import { notAuthenticated } from './refusal.ts'

export interface Account {
  readonly person: DemoPerson
  /** The active role; all tokens and keys of the account share it. */
  role: RoleName
  readonly isAdmin: boolean
}

export interface AccountSets {
  readonly deactivated: Set<string>
  readonly demoted: ReadonlySet<string>
}

export class Accounts {
  readonly #accounts: readonly Account[]
  readonly #deactivated: Set<string>

  /** @param sets - names of inactive users and of former administrators; read at each request */
  constructor(people: readonly DemoPerson[], { deactivated, demoted }: AccountSets) {
    this.#accounts = people.map((person) => ({
      person,
      role: person.quilt.role,
      get isAdmin() {
        return person.quilt.isAdmin && !demoted.has(person.quilt.name)
      },
    }))
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

  /** Of the identity provider. */
  withSubject(sub: string): Account | undefined {
    return this.#accounts.find(({ person }) => person.sub === sub)
  }

  /** No constant-time comparison: `npm start` prints the passwords. */
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

  /** @throws Refusal 401, as a Registry since release 26.8; before, it was 403 */
  requireActive(account: Account): Account {
    if (this.isActive(account)) return account
    throw notAuthenticated('Account is inactive. Must have an active account.')
  }
}
