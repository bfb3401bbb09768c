import { listFormatOf, type ListFormat } from './answer-splitter.ts'
import type { Caller } from '../limits/caller.ts'
import type { Call } from '../envoy/grpc-handlers.ts'
import { textsOf } from '../envoy/stage-metadata.ts'
import { valuesOf, type ProcessingRequest } from '../envoy/processing.ts'
import type { AnswerOutcome } from '../metrics/check-metrics.ts'
import type { BodyRewriter } from './body-rewriter.ts'

/** The user and client of the request, for the log. */
interface Identity {
  readonly service: string | undefined
  readonly subject: string | undefined
  readonly client: string | undefined
  /** The id of the request. */
  readonly request: string | undefined
}

/** One answer of a service to Envoy, from its headers to its end. */
export interface Answer {
  readonly identity: Identity
  /** The id of the JSON-RPC request, as JSON; undefined for a GET stream or a message without id. */
  readonly rpcId: string | undefined
  /** Undefined when it cannot be filtered. */
  readonly format: ListFormat | undefined
  readonly caller: Caller
  /** Undefined when no body is expected. */
  rewriter: BodyRewriter | undefined
  /** True until the first part of its body. */
  isFresh: boolean
  /** So far. */
  outcome: AnswerOutcome
}

/** Reads an answer's headers and the metadata of the two checks. */
export function answerOf(request: ProcessingRequest, call: Call): Answer {
  const texts = textsOf(request.metadata_context?.filter_metadata)
  return {
    identity: {
      service: texts.get('service'),
      subject: texts.get('subject'),
      client: texts.get('client'),
      request: texts.get('request'),
    },
    rpcId: texts.get('rpc_id'),
    format: listFormatOf(valuesOf(request, 'content-type'), valuesOf(request, 'content-encoding')),
    caller: call,
    rewriter: undefined,
    isFresh: true,
    outcome: 'passed',
  }
}
