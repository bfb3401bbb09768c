import type { Audit } from '../../core/audit/audit-entry.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { observed } from '../../core/metrics/outgoing-requests.ts'
import type { Log } from '../../core/log/log.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import { assertionChecker, type UsedAssertions } from './client-assertion.ts'
import { clientAuthentication, type AuthenticateClient } from './client-authentication.ts'
import { clientDirectory } from './client-directory.ts'
import { clientKeys } from './client-keys.ts'
import type { ClientSettings } from '../config/client-settings.ts'
import type { Clients } from './client.ts'
import { readClientDocument } from './document-client.ts'
import { fetchJson, PUBLIC_NETWORK, type FetchedJson, type Reach } from './fetch-json.ts'
import { JsonCache } from './json-cache.ts'
import { pinnedDocument } from './pinned-documents.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { readPublishedKeys } from './public-keys.ts'
import { refuseBlocked } from './refuse-blocked.ts'

/** As the draft recommends (CIMD section 6.6). */
const MAX_DOCUMENT_BYTES = 5 * 1024
const MAX_KEY_SET_BYTES = 32 * 1024

interface Settings {
  readonly issuer: string
  readonly sealingKeys: KeyRing
  readonly clients: ClientSettings
}

interface Dependencies {
  readonly controls: Controls
  readonly used: UsedAssertions
  readonly metrics: Pick<ConsentUiMetrics, 'outgoing'>
  readonly audit: Audit
  readonly log: Log
  readonly now: () => number
  readonly reach?: Reach
}

interface CreatedClients {
  readonly clients: Clients
  readonly authenticate: AuthenticateClient
  /** Blocked clients too: otherwise a session whose tokens the client has dropped would live on after an unblock. */
  readonly authenticateToRevoke: AuthenticateClient
}

export function createClients(
  { issuer, sealingKeys, clients: settings }: Settings,
  { controls, used, metrics, audit, log, now, reach = reachOf(settings) }: Dependencies,
): CreatedClients {
  const { allowedHosts, clientHosts } = settings
  const observer = metrics.outgoing.to('client_document')
  const fetchBounded = (url: URL, maxBytes: number): Promise<FetchedJson> =>
    observed(observer, () => fetchJson(url, maxBytes, reach))
  const documents = new JsonCache({
    fetchJson: (url) => fetchBounded(url, MAX_DOCUMENT_BYTES),
    read: readClientDocument,
    pinned: pinnedDocument,
    now,
    log,
  })
  const keySets = new JsonCache({
    fetchJson: (url) => fetchBounded(url, MAX_KEY_SET_BYTES),
    read: (_url, json) => readPublishedKeys(json),
    pinned: () => undefined,
    now,
    log,
  })
  const known = clientDirectory({ ...settings, ring: sealingKeys, documents })
  const clients = refuseBlocked(known, { controls, audit, log, elapsedMs: () => performance.now() })
  const checkAssertion = assertionChecker({
    audiences: [issuer, `${issuer}/auth/token`, `${issuer}/auth/revoke`],
    keysOf: clientKeys({ keySets, allowedHosts, clientHosts, now }),
    used,
    now,
  })
  return {
    clients,
    authenticate: clientAuthentication(clients, checkAssertion),
    authenticateToRevoke: clientAuthentication(known, checkAssertion),
  }
}

function reachOf({ fetchesFromAnywhere }: ClientSettings): Reach {
  return fetchesFromAnywhere ? { ...PUBLIC_NETWORK, isForbidden: () => false } : PUBLIC_NETWORK
}
