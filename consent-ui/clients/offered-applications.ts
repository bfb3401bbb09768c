import {
  covers,
  isAllowed,
  overlap,
  parseAllowedHosts,
  type AllowedHosts,
} from '../../core/clients/allowed-hosts.ts'
import { isBlockedFor, isBlockedId, type BlockedClients } from '../../core/clients/blocked-clients.ts'
import { KNOWN_APPLICATIONS, type KnownApplication } from '../../core/clients/known-applications.ts'

/** What lets an application in or not. */
export interface Admission {
  readonly allowedHosts: AllowedHosts
  readonly controls: { readonly blocked: BlockedClients }
}

export type OfferedApplication = KnownApplication & Required<Pick<KnownApplication, 'setUp'>>

/** The known applications that can connect here, and whose set-up is known. Only the pages depend on it. */
export function offeredApplications(admission: Admission): OfferedApplication[] {
  return KNOWN_APPLICATIONS.filter(
    (one): one is OfferedApplication => one.setUp !== undefined && canConnect(one, admission),
  )
}

function canConnect(application: KnownApplication, admission: Admission): boolean {
  const { allowedHosts } = admission
  const { blocked } = admission.controls
  const { document } = application
  if (document === undefined) {
    const redirects = [...(application.redirects ?? []), ...loopbackOf(application)]
    return overlap(redirects, allowedHosts) && !covers(blocked.hosts, redirects)
  }
  const { client_id: id, redirect_uris: uris } = document
  return (
    uris.some((uri) => isAllowed(new URL(uri), allowedHosts)) &&
    !isBlockedId(id, blocked) &&
    !isBlockedFor(uris, blocked)
  )
}

function loopbackOf({ loopback }: KnownApplication): AllowedHosts {
  return loopback === undefined ? [] : parseAllowedHosts('localhost')
}
