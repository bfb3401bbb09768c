export const END_CAUSES = [
  'client_revoked',
  'user_revoked',
  'notice_link',
  'administrator_ended',
  'code_replayed',
  'refresh_token_stolen',
  'refresh_token_contested',
  'user_inactive',
  'another_user',
  'credential_expired',
  'replaced',
  'signed_out',
] as const

/** Why a session ended before its lifetime. Redis drops a session at its end by itself. */
export type EndCause = (typeof END_CAUSES)[number]

/**
 * What users are told: also that a session ended by itself. It is no news that an organization's identity provider
 * replaces its sessions each hour.
 */
export type ShownCause = Exclude<EndCause, 'replaced'> | 'expired' | 'unused'
