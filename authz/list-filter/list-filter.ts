import type { Log } from '../../core/log.ts'
import type { McpReadAccess, Service } from '../../core/services/service.ts'
import { createListRewriter, listFormatOf } from '../access/list-rewriter.ts'
import type { Call } from '../grpc/method.ts'
import { textsOf } from '../stage-metadata.ts'
import { OpenAnswers, type OpenAnswer } from './open-answers.ts'
import { bodiless, emptyAnswer, Rewriting } from './rewriting.ts'
import {
  chunk,
  PASS_ON,
  refuse,
  SEND_BODY,
  valuesOf,
  type ProcessingRequest,
  type ProcessingResponse,
} from './processing.ts'

export interface ListFilterParts {
  readonly services: readonly Service[]
  readonly log: Log
}

/** Clients read an answer of these; of all others they read at most an error. */
const SUCCESS = /^2\d\d$/
/** To a notification or a response; it has no body (MCP, Streamable HTTP), whatever some servers write into it. */
const ACCEPTED = '202'
const UNREADABLE = JSON.stringify({
  jsonrpc: '2.0',
  error: { code: -32603, message: 'The service answered with something that is no list which could be read' },
  id: null,
})

/** Of which service an answer is, and for whom. */
interface Party {
  readonly service: string | undefined
  readonly subject: string | undefined
  readonly client: string | undefined
}

interface Answer {
  readonly party: Party
  /** What is done with its body; undefined where none is to come. */
  rewriting: Rewriting | undefined
}

/** Changes one answer, message by message. */
export type Process = (
  requests: AsyncIterable<ProcessingRequest>,
  call: Call,
) => AsyncIterable<ProcessingResponse>

/**
 * Shows those who may only read what they may use: answers that can hold lists come through here, and go on without
 * what the policy would refuse. Whatever cannot be read ends the stream with an error, and Envoy the answer.
 */
export function createListFilter({ services, log }: ListFilterParts): Process {
  const open = new OpenAnswers()

  return async function* process(requests) {
    let answer: Answer | undefined
    let counted: OpenAnswer | undefined
    try {
      for await (const request of requests) {
        const { response_headers: headers, response_body: body } = request
        if (headers !== undefined && answer === undefined) {
          answer = { party: partyOf(request), rewriting: undefined }
          counted = explained(answer, ({ party }) => open.begin(party.subject ?? ''))
          yield explained(answer, (to) => begin(to, request))
        } else if (body !== undefined && answer !== undefined) {
          yield explained(answer, ({ rewriting }) => {
            const response = rewritten(rewriting, body)
            counted?.holds(rewriting?.heldBytes ?? 0)
            return response
          })
        } else {
          throw new TypeError('a message that was not asked for')
        }
      }
    } finally {
      counted?.end()
    }
  }

  function begin(answer: Answer, request: ProcessingRequest): ProcessingResponse {
    const isWhole = request.response_headers?.end_of_stream === true
    const status = valuesOf(request, ':status').join()
    if (isWhole || !SUCCESS.test(status)) return PASS_ON
    const rewriting = status === ACCEPTED ? new Rewriting(bodiless()) : rewritingOf(answer, request)
    if (rewriting === undefined) return refuse(502, UNREADABLE)
    answer.rewriting = rewriting
    return SEND_BODY
  }

  /** Undefined where it does not say that it is something which we can read. */
  function rewritingOf({ party }: Answer, request: ProcessingRequest): Rewriting | undefined {
    const read = readAccessTo(party.service)
    const type = valuesOf(request, 'content-type')
    const encoding = valuesOf(request, 'content-encoding')
    const format = listFormatOf(type, encoding)
    if (format !== undefined) return new Rewriting(createListRewriter(read, format))
    if (type.length === 0 && encoding.length === 0) return new Rewriting(emptyAnswer())
    log.warn({ ...party, type: type.join(), encoding: encoding.join() }, 'an answer that cannot be read')
    return undefined
  }

  function readAccessTo(name: string | undefined): McpReadAccess {
    const service = services.find((each) => each.name === name)
    if (service?.kind !== 'mcp') throw new TypeError('an answer of no MCP service')
    return service.read
  }

  /** What is thrown ends the answer, and only we can say why. */
  function explained<Result>(answer: Answer, step: (answer: Answer) => Result): Result {
    try {
      return step(answer)
    } catch (error) {
      log.warn({ ...answer.party, reason: (error as Error).message }, 'an answer could not be filtered')
      throw error
    }
  }
}

/** As the first check has left it. */
function partyOf({ metadata_context: context }: ProcessingRequest): Party {
  const texts = textsOf(context?.filter_metadata)
  return { service: texts.get('service'), subject: texts.get('subject'), client: texts.get('client') }
}

/** In place of one chunk. */
function rewritten(
  rewriting: Rewriting | undefined,
  { body, end_of_stream: isLast }: NonNullable<ProcessingRequest['response_body']>,
): ProcessingResponse {
  if (rewriting === undefined) throw new TypeError('a body that was not asked for')
  return chunk(rewriting.next(body ?? Buffer.alloc(0), isLast === true))
}
