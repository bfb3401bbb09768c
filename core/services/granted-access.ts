import type { Access } from '../sessions/session.ts'
import type { Service } from './service.ts'

/**
 * The access that a session or an API key has at a service now: the lower of what was granted and the highest of the
 * service's `grants`. A session that was granted `read` stays `read` when the entry grants more later.
 */
export function accessAt({ grants }: Pick<Service, 'grants'>, granted: Access): Access {
  return grants.includes('full') ? granted : 'read'
}
