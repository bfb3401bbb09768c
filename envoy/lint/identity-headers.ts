/**
 * Names by which a service, or authz, could be told who asks. None may come from outside; authz alone sets them.
 * x-amzn-oidc-*: what an AWS load balancer says that it authenticated.
 */
const IDENTITY_PREFIXES = ['x-quilt-', 'x-auth-', 'x-amzn-oidc-']
const IDENTITY_NAMES = [
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
]

/** Names by which somebody behind the edge could be told another address, path or method than was judged. */
const MISLEADING_PREFIXES = ['x-envoy-']
const MISLEADING_NAMES = [
  ...['forwarded', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-uri', 'x-forwarded-path'],
  ...['x-forwarded-prefix', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'x-host', 'proxy'],
  ...['x-original-url', 'x-original-uri', 'x-original-path', 'x-rewrite-url'],
  ...['x-http-method', 'x-http-method-override', 'x-method-override'],
]

/** What no client may send; a `*` at the end stands for any ending. */
export const NEVER_FROM_OUTSIDE: readonly string[] = [
  ...[...IDENTITY_PREFIXES, ...MISLEADING_PREFIXES].map((prefix) => `${prefix}*`),
  ...IDENTITY_NAMES,
  ...MISLEADING_NAMES,
]

const CREDENTIALS = ['authorization', 'cookie', 'x-envoy-upstream-rq-timeout-ms']

/** True for a header whose value is authz's word, in whatever case it is written. */
export function isAuthzWord(header: string): boolean {
  const name = header.toLowerCase()
  return (
    [...CREDENTIALS, ...IDENTITY_NAMES].includes(name) ||
    IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix))
  )
}
