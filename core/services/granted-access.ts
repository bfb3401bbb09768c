import type { Access } from '../sessions/session.ts'
import type { Service } from './service.ts'

/**
 * What a caller may do at a service now: the lower of what it was granted and the highest access that the service's
 * entry grants (`grants`). Sessions and API keys share this rule. Nothing is raised: a session that was granted `read`
 * stays `read`, whatever the entry grants later.
 */
export function accessAt({ grants }: Pick<Service, 'grants'>, granted: Access): Access {
  return grants.includes('full') ? granted : 'read'
}
