import type { AccessRefusal } from '../read-access/judge-call.ts'
import type { RpcId } from '../read-access/message.ts'
import type { Denied, Trouble } from './decision.ts'
import type { Route } from './route.ts'

/** The call may be made. */
export interface CallAllowed {
  readonly verdict: 'call_allowed'
  readonly route: Route
  /** Whether its answer goes through the list filter. */
  readonly list: boolean
  /** Of the JSON-RPC request; undefined for every other message. */
  readonly id: RpcId | undefined
}

/** The caller may pass, but not with this call. */
export interface CallRefused {
  readonly verdict: 'call_refused'
  readonly route: Route
  readonly reason: AccessRefusal
  /** Of the JSON-RPC request; undefined where there is none that could be read. */
  readonly id: RpcId | undefined
}

/** What the second check answers. */
export type ToolDecision = CallAllowed | CallRefused | Denied | Trouble
