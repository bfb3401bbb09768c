import { listFormatOf, type ListFormat } from './answer-splitter.ts'
import type { Call } from '../envoy/grpc-handlers.ts'
import { textsOf } from '../envoy/stage-metadata.ts'
import { valuesOf, type ProcessingRequest } from '../envoy/processing.ts'
import type { Rewriting } from './rewriting.ts'

/** Whose request an answer is for, for the log. */
interface Party {
  readonly service: string | undefined
  readonly subject: string | undefined
  readonly client: string | undefined
}

/** One answer, from its headers to its end. */
export interface Answer {
  readonly party: Party
  /** Of the JSON-RPC request, as JSON; undefined for a GET stream and where the message had none. */
  readonly rpcId: string | undefined
  /** Undefined where its headers say that it can't be filtered. */
  readonly format: ListFormat | undefined
  /** False once Envoy's client is gone. */
  readonly isWanted: () => boolean
  /** What is done with its body; undefined where none is to come. */
  rewriting: Rewriting | undefined
  /** None of its body has come. */
  isFresh: boolean
}

/** Reads the headers of an answer, and what the two checks left. */
export function answerOf(request: ProcessingRequest, call: Call): Answer {
  const texts = textsOf(request.metadata_context?.filter_metadata)
  return {
    party: { service: texts.get('service'), subject: texts.get('subject'), client: texts.get('client') },
    rpcId: texts.get('rpc_id'),
    format: listFormatOf(valuesOf(request, 'content-type'), valuesOf(request, 'content-encoding')),
    isWanted: () => !call.ended,
    rewriting: undefined,
    isFresh: true,
  }
}
