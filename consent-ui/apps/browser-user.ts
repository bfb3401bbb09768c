import type { Context } from 'koa'
import { knownBrowsers, preferred, signInAt, type BrowserDependencies } from '../browser/browser-at.ts'
import type { FormBinding } from '../browser/form-token.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Browser } from '../store/browser-store.ts'
import { quiltUser, type LinkStore } from '../store/link-store.ts'

export interface BrowserUserDependencies extends BrowserDependencies {
  readonly provider: CredentialProvider
  readonly links: LinkStore
  readonly registryUrl: URL
  readonly now: () => number
}

export interface BrowserUser {
  readonly browser: Browser
  readonly person: SignedIn
  /** The Quilt user, as links name them; undefined before the first approval. */
  readonly user: string | undefined
}

export function browserUser(dependencies: BrowserUserDependencies) {
  const registry = dependencies.registryUrl.origin

  return async function findUser(ctx: Context): Promise<BrowserUser | undefined> {
    const known = await knownBrowsers(dependencies, ctx)
    // A sign-in of the kind that an earlier deployment used does not count.
    return dependencies.provider.identityProvider === undefined ? recognised(known) : await signedIn(known)
  }

  async function signedIn(known: readonly Browser[]): Promise<BrowserUser | undefined> {
    const browser = preferred(known)
    const person = browser === undefined ? undefined : signInAt(browser, dependencies.now())
    if (browser === undefined || person === undefined) return undefined
    const { issuer, subject } = person
    return { browser, person, user: await dependencies.links.userOf({ registry, issuer, subject }) }
  }

  function recognised(known: readonly Browser[]): BrowserUser | undefined {
    const browser = known.findLast((one) => (one.recognised?.expiresAt ?? 0) > dependencies.now())
    const person = browser?.recognised
    if (browser === undefined || person === undefined) return undefined
    return { browser, person, user: quiltUser({ registry, name: person.subject }) }
  }
}

export function appsForm({ browser, person }: BrowserUser): FormBinding {
  return { page: 'apps', bound: [browser.id, person.issuer, person.subject] }
}
