import { observed, type RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { IdentityProvider } from './identity-provider.ts'

/** The same identity provider, whose answers are observed. A refusal shows nothing: a callback may be made up. */
export function observedProvider(provider: IdentityProvider, observer: RequestObserver): IdentityProvider {
  // Mostly from the cached discovery document, so a success shows nothing.
  const failures: RequestObserver = {
    answered: () => undefined,
    failed: (seconds) => observer.failed(seconds),
  }
  return {
    signInUrl: (...request) => observed(failures, () => provider.signInUrl(...request), isUnavailable),
    finishSignIn: (...request) => observed(observer, () => provider.finishSignIn(...request), isUnavailable),
    metadata: () => observed(failures, () => provider.metadata(), isUnavailable),
    refresh: (...request) => observed(observer, () => provider.refresh(...request), isUnavailable),
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Unavailable
}
