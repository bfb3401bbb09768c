import { knownFields } from './rules/input/known-fields.ts'
import { noMcpFilter } from './rules/input/no-mcp-filter.ts'
import { runtimeFixed } from './rules/input/runtime-fixed.ts'
import { staticOnly } from './rules/input/static-only.ts'
import { clientAddress } from './rules/requests/client-address.ts'
import { clientCertificates } from './rules/requests/client-certificates.ts'
import { clientIdle } from './rules/requests/client-idle.ts'
import { escapedSlashes } from './rules/requests/escaped-slashes.ts'
import { headerLimits } from './rules/requests/header-limits.ts'
import { httpOnly } from './rules/requests/http-only.ts'
import { http2Limits } from './rules/requests/http2-limits.ts'
import { identityStripped } from './rules/requests/identity-stripped.ts'
import { mergedSlashes } from './rules/requests/merged-slashes.ts'
import { noUpgrades } from './rules/requests/no-upgrades.ts'
import { normalizedPaths } from './rules/requests/normalized-paths.ts'
import { oneHostName } from './rules/requests/one-host-name.ts'
import { requestIds } from './rules/requests/request-ids.ts'
import { requestTimeouts } from './rules/requests/request-timeouts.ts'
import { strictHttp1 } from './rules/requests/strict-http1.ts'
import { underscores } from './rules/requests/underscores.ts'
import { authzConnectionsRenewed } from './rules/authz/authz-connections-renewed.ts'
import { authzFirst } from './rules/authz/authz-first.ts'
import { authzPrivate } from './rules/authz/authz-private.ts'
import { authzTimeout } from './rules/authz/authz-timeout.ts'
import { enforced } from './rules/authz/enforced.ts'
import { errorIs503 } from './rules/authz/error-is-503.ts'
import { failsClosed } from './rules/authz/fails-closed.ts'
import { filtersAlwaysOn } from './rules/authz/filters-always-on.ts'
import { firstSeesAll } from './rules/authz/first-sees-all.ts'
import { mutationAllowList } from './rules/authz/mutation-allow-list.ts'
import { noBodyBeforeAuthentication } from './rules/authz/no-body-before-authentication.ts'
import { nothingAfterAuthz } from './rules/authz/nothing-after-authz.ts'
import { oneAuthz } from './rules/authz/one-authz.ts'
import { onlyGrpc } from './rules/authz/only-grpc.ts'
import { rawHeaders } from './rules/authz/raw-headers.ts'
import { validMutations } from './rules/authz/valid-mutations.ts'
import { buffersBelowBodyLimit } from './rules/tool-access/buffers-below-body-limit.ts'
import { callsAreChecked } from './rules/tool-access/calls-are-checked.ts'
import { credentialNotShownAgain } from './rules/tool-access/credential-not-shown-again.ts'
import { firstStageIsHeard } from './rules/tool-access/first-stage-is-heard.ts'
import { skippedOnlyWhenNotNeeded } from './rules/tool-access/skipped-only-when-not-needed.ts'
import { stagesToldApart } from './rules/tool-access/stages-told-apart.ts'
import { wholeBody } from './rules/tool-access/whole-body.ts'
import { chosenByMatcher } from './rules/list-filter/chosen-by-matcher.ts'
import { listBodiesSeen } from './rules/list-filter/list-bodies-seen.ts'
import { listChangesNothingElse } from './rules/list-filter/list-changes-nothing-else.ts'
import { listFailsClosed } from './rules/list-filter/list-fails-closed.ts'
import { listOnlyWhenChosen } from './rules/list-filter/list-only-when-chosen.ts'
import { listOverrides } from './rules/list-filter/list-overrides.ts'
import { listOwnConnections } from './rules/list-filter/list-own-connections.ts'
import { listReadsLittle } from './rules/list-filter/list-reads-little.ts'
import { listTimeout } from './rules/list-filter/list-timeout.ts'
import { authzHeadersKept } from './rules/routes/authz-headers-kept.ts'
import { corsWithoutCookies } from './rules/routes/cors-without-cookies.ts'
import { everyPathHasARoute } from './rules/routes/every-path-has-a-route.ts'
import { healthPath } from './rules/routes/health-path.ts'
import { insecurePages } from './rules/routes/insecure-pages.ts'
import { methodsListed } from './rules/routes/methods-listed.ts'
import { neverTwice } from './rules/routes/never-twice.ts'
import { nothingReroutes } from './rules/routes/nothing-reroutes.ts'
import { oneUpstreamPerService } from './rules/routes/one-upstream-per-service.ts'
import { openRoutes } from './rules/routes/open-routes.ts'
import { otherHosts } from './rules/routes/other-hosts.ts'
import { ownAnswers } from './rules/routes/own-answers.ts'
import { pageBodies } from './rules/routes/page-bodies.ts'
import { plainRewrites } from './rules/routes/plain-rewrites.ts'
import { readingRoutes } from './rules/routes/reading-routes.ts'
import { refusalsStayRefusals } from './rules/routes/refusals-stay-refusals.ts'
import { routesLeadSomewhere } from './rules/routes/routes-lead-somewhere.ts'
import { serviceAnswers } from './rules/routes/service-answers.ts'
import { serviceBodies } from './rules/routes/service-bodies.ts'
import { serviceRefusals } from './rules/routes/service-refusals.ts'
import { serviceContext } from './rules/routes/service-context.ts'
import { servicePaths } from './rules/routes/service-paths.ts'
import { settingsReachAFilter } from './rules/routes/settings-reach-a-filter.ts'
import { streamTimeouts } from './rules/routes/stream-timeouts.ts'
import { idleConnections } from './rules/upstreams/idle-connections.ts'
import { upstreamEncrypted } from './rules/upstreams/upstream-encrypted.ts'
import { upstreamVerified } from './rules/upstreams/upstream-verified.ts'
import { accessLogFormat } from './rules/operations/access-log-format.ts'
import { adminPaths } from './rules/operations/admin-paths.ts'
import { adminSocket } from './rules/operations/admin-socket.ts'
import { authzHealthChecks } from './rules/operations/authz-health-checks.ts'
import { nothingSecretPrinted } from './rules/operations/nothing-secret-printed.ts'
import { overload } from './rules/operations/overload.ts'
import { rateLimit } from './rules/operations/rate-limit.ts'
import { transactionIds } from './rules/operations/transaction-ids.ts'
import type { Rule } from './rule.ts'

/** Every rule, in the order of the README. */
export const RULES: readonly Rule[] = [
  // What is read
  knownFields,
  noMcpFilter,
  runtimeFixed,
  staticOnly,
  // One meaning for every request, and bounds
  clientAddress,
  clientCertificates,
  clientIdle,
  escapedSlashes,
  headerLimits,
  httpOnly,
  http2Limits,
  identityStripped,
  mergedSlashes,
  noUpgrades,
  normalizedPaths,
  oneHostName,
  requestIds,
  requestTimeouts,
  strictHttp1,
  underscores,
  // The question to authz
  authzConnectionsRenewed,
  authzFirst,
  authzPrivate,
  authzTimeout,
  enforced,
  errorIs503,
  failsClosed,
  filtersAlwaysOn,
  firstSeesAll,
  mutationAllowList,
  noBodyBeforeAuthentication,
  nothingAfterAuthz,
  oneAuthz,
  onlyGrpc,
  rawHeaders,
  validMutations,
  // The second question: may this call be made
  buffersBelowBodyLimit,
  callsAreChecked,
  credentialNotShownAgain,
  firstStageIsHeard,
  skippedOnlyWhenNotNeeded,
  stagesToldApart,
  wholeBody,
  // The list filter
  chosenByMatcher,
  listBodiesSeen,
  listChangesNothingElse,
  listFailsClosed,
  listOnlyWhenChosen,
  listOverrides,
  listOwnConnections,
  listReadsLittle,
  listTimeout,
  // Where requests go
  authzHeadersKept,
  corsWithoutCookies,
  everyPathHasARoute,
  healthPath,
  insecurePages,
  methodsListed,
  neverTwice,
  nothingReroutes,
  oneUpstreamPerService,
  openRoutes,
  otherHosts,
  ownAnswers,
  pageBodies,
  plainRewrites,
  readingRoutes,
  refusalsStayRefusals,
  routesLeadSomewhere,
  serviceAnswers,
  serviceBodies,
  serviceContext,
  servicePaths,
  serviceRefusals,
  settingsReachAFilter,
  streamTimeouts,
  // What is behind
  idleConnections,
  upstreamEncrypted,
  upstreamVerified,
  // Running it
  accessLogFormat,
  adminPaths,
  adminSocket,
  authzHealthChecks,
  nothingSecretPrinted,
  overload,
  rateLimit,
  transactionIds,
]
