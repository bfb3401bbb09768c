import { Unavailable } from '../oauth/errors.ts'
import type { IdentityProvider } from './identity-provider.ts'

/** Told what a request showed. A refusal shows nothing: a callback may be made up. */
interface Observer {
  answered(): void
  failed(): void
}

/** The same identity provider, whose outcomes are observed. */
export function observedProvider(provider: IdentityProvider, observer: Observer): IdentityProvider {
  return {
    // Mostly from the cached discovery document, so a success shows nothing.
    signInUrl: (...request) => provider.signInUrl(...request).catch(failed),
    finishSignIn: (...request) => provider.finishSignIn(...request).then(answered, failed),
    refresh: (...request) => provider.refresh(...request).then(answered, failed),
  }

  function answered<Answer>(answer: Answer): Answer {
    observer.answered()
    return answer
  }

  function failed(error: unknown): never {
    if (error instanceof Unavailable) observer.failed()
    throw error
  }
}
