import type { Log } from '../../core/log/log.ts'
import type { McpReadAccess, Service } from '../../core/services/service.ts'
import { createAnswerSplitter, MAX_DOCUMENT_BYTES } from '../list-filter/answer-splitter.ts'
import { UnreadableListError } from '../list-filter/unreadable-list-error.ts'
import type { Call } from '../envoy/grpc-handlers.ts'
import { answerOf, type Answer } from '../list-filter/answer.ts'
import { FilterQueue } from '../list-filter/filter-queue.ts'
import { OpenAnswers, type OpenAnswer } from '../list-filter/open-answers.ts'
import { bodiless, emptyAnswer, Filtering, type Rewriting } from '../list-filter/rewriting.ts'
import {
  chunk,
  PASS_ON,
  refuse,
  SEND_BODY,
  valuesOf,
  type ProcessingRequest,
  type ProcessingResponse,
} from '../envoy/processing.ts'
import { unreadableBody, unreadableRest } from '../list-filter/unreadable-answer.ts'

export interface ListFilterParts {
  readonly services: readonly Service[]
  readonly log: Log
}

/** Clients read an answer of these; of all others they read at most an error. */
const SUCCESS = /^2\d\d$/
/** To a notification or a response; it has no body (MCP, Streamable HTTP), whatever some servers write into it. */
const ACCEPTED = '202'

/** Changes one answer, message by message. */
export type Process = (
  requests: AsyncIterable<ProcessingRequest>,
  call: Call,
) => AsyncIterable<ProcessingResponse>

/**
 * Filters answers for sessions that may only read: what the policy would refuse is neither listed nor declared. An
 * answer that can't be read is the service's fault and refused with 502; our own failure ends the stream with an error,
 * which Envoy answers with 503.
 */
export function createListFilter({ services, log }: ListFilterParts): Process {
  const open = new OpenAnswers()
  const queue = new FilterQueue()

  return async function* process(requests, call) {
    let answer: Answer | undefined
    let counted: OpenAnswer | undefined
    try {
      for await (const request of requests) {
        const { response_headers: headers, response_body: body } = request
        if (headers !== undefined && answer === undefined) {
          const begun = (answer = answerOf(request, call))
          counted = await explained(begun, () => open.begin(begun.party.subject ?? ''))
          yield await explained(begun, () => begin(begun, request))
        } else if (body !== undefined && answer !== undefined) {
          const going = answer
          yield await explained(going, async () => {
            const held = (): number => going.rewriting?.heldBytes ?? 0
            counted?.holds(held() + (body.body?.length ?? 0))
            const response = await rewritten(going, body)
            counted?.holds(held())
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
    try {
      answer.rewriting = status === ACCEPTED ? bodiless() : rewritingOf(answer, request)
      return SEND_BODY
    } catch (error) {
      return refused(answer, error)
    }
  }

  /** @throws UnreadableListError where its headers say that it can't be filtered */
  function rewritingOf({ party, format, isWanted }: Answer, request: ProcessingRequest): Rewriting {
    const read = readAccessTo(party.service)
    if (format === undefined) {
      const declared = [...valuesOf(request, 'content-type'), ...valuesOf(request, 'content-encoding')]
      if (declared.length === 0) return emptyAnswer()
      throw new UnreadableListError('content_type')
    }
    const isTooLarge = Number(valuesOf(request, 'content-length').join()) > MAX_DOCUMENT_BYTES
    if (format === 'json' && isTooLarge) throw new UnreadableListError('too_large')
    const subject = party.subject ?? ''
    return new Filtering(createAnswerSplitter(format), (document) =>
      queue.filter({ read, document, subject, isWanted }),
    )
  }

  function readAccessTo(name: string | undefined): McpReadAccess {
    const service = services.find((each) => each.name === name)
    if (service?.kind !== 'mcp') throw new TypeError('an answer of no MCP service')
    return service.read
  }

  /** In place of one chunk. */
  async function rewritten(
    answer: Answer,
    {
      body = Buffer.alloc(0),
      end_of_stream: isLast = false,
    }: NonNullable<ProcessingRequest['response_body']>,
  ): Promise<ProcessingResponse> {
    const { rewriting, isFresh } = answer
    if (rewriting === undefined) throw new TypeError('a body that was not asked for')
    answer.isFresh = false
    if (isLast) answer.rewriting = undefined
    try {
      return chunk(await rewriting.next(body, isLast))
    } catch (error) {
      // Envoy holds the headers back where the whole body came with them.
      if (isFresh && isLast) return refused(answer, error)
      if (!isLast) answer.rewriting = bodiless()
      return brokenOff(answer, error)
    }
  }

  /** In place of the whole answer. */
  function refused(answer: Answer, error: unknown): ProcessingResponse {
    if (!(error instanceof UnreadableListError)) throw error
    report(answer, error)
    answer.rewriting = undefined
    return refuse(502, unreadableBody(answer.rpcId))
  }

  /** The status was sent: the request's JSON-RPC error takes the place of the rest. A GET stream is cut off. */
  function brokenOff(answer: Answer, error: unknown): ProcessingResponse {
    if (!(error instanceof UnreadableListError) || answer.rpcId === undefined) throw error
    report(answer, error)
    return chunk(unreadableRest(answer.rpcId, answer.format ?? 'json'))
  }

  /** Logs what is thrown: Envoy learns only that there was an error. */
  async function explained<Result>(
    answer: Answer,
    step: () => Result | Promise<Result>,
  ): Promise<Awaited<Result>> {
    try {
      return await step()
    } catch (error) {
      report(answer, error)
      throw error
    }
  }

  function report({ party }: Answer, error: unknown): void {
    const reason = (error as Error).message
    const isTheirs = error instanceof UnreadableListError
    log.warn({ ...party, reason }, isTheirs ? 'service: answer cannot be filtered' : 'list filter failed')
  }
}
