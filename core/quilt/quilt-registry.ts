import { z } from 'zod'

/** What both services know of the Quilt Registry's API: whose credential it is (`GET /api/me`), and whose no more. */

export const meSchema = z.object({
  current_user: z.string().min(1),
  email: z.string().optional(),
  is_active: z.boolean().optional(),
})

/** How Registries before 26.8 refuse who is not active; since then it is 401. */
const INACTIVE = 'Account is inactive. Must have an active account.'

/**
 * Whether an error says that nobody may use a credential any more: by the status alone, 401 is whatever cannot be
 * authenticated, and 403 who is known and may not do this one thing, which is no refusal of the person (but for
 * the one message of old). A proxy in the way uses the same numbers, so they count with the Registry's own form of
 * an error alone, `{"message"}`.
 */
export function isNobodys({
  status,
  message,
}: {
  status: number | undefined
  message?: string | undefined
}): boolean {
  return (status === 401 && message !== undefined) || (status === 403 && message === INACTIVE)
}

/** Below the Registry's URL, which may have a path of its own. */
export function registryEndpoint(registryUrl: URL, path: string): URL {
  return new URL(path, registryUrl.href.endsWith('/') ? registryUrl : `${registryUrl.href}/`)
}
