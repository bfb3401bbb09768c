import type { AccessRefusal } from '../read-access/judge-call.ts'
import type { RpcId } from '../read-access/message.ts'
import type { Denied, Unavailable } from './decision.ts'
import type { Route } from './route.ts'

export interface CallAllowed {
  readonly verdict: 'call_allowed'
  readonly route: Route
  /** True when the answer must go through the list filter. */
  readonly list: boolean
  /** The id of the request, for the list filter's log. */
  readonly request: string | undefined
  readonly id: RpcId | undefined
  /** The tool that is called. */
  readonly tool?: string | undefined
}

/** The user may use the service, but not with this call. */
export interface CallRefused {
  readonly verdict: 'call_refused'
  readonly route: Route
  readonly reason: AccessRefusal
  /** Of the JSON-RPC request; undefined when it has no readable id. */
  readonly id: RpcId | undefined
  readonly method?: string | undefined
  /** The tool that is called. */
  readonly tool?: string | undefined
}

export type ToolDecision = CallAllowed | CallRefused | Denied | Unavailable
