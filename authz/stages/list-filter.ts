import type { Log } from '../../core/log/log.ts'
import type { McpReadAccess, Service } from '../../core/services/service.ts'
import { annotateSpan } from '../../core/tracing/span.ts'
import { createAnswerSplitter, MAX_DOCUMENT_BYTES } from '../list-filter/answer-splitter.ts'
import { UnreadableListError } from '../list-filter/unreadable-list-error.ts'
import type { CheckMetrics } from '../metrics/check-metrics.ts'
import type { Call } from '../envoy/grpc-handlers.ts'
import { answerOf, type Answer } from '../list-filter/answer.ts'
import { FilterQueue } from '../list-filter/filter-queue.ts'
import { OpenAnswers, type OpenAnswer } from '../list-filter/open-answers.ts'
import { DROP_BODY, FilteringRewriter, REFUSE_BODY, type BodyRewriter } from '../list-filter/body-rewriter.ts'
import {
  PASS_ON,
  refuse,
  replaceChunk,
  SEND_BODY,
  valuesOf,
  type ProcessingRequest,
  type ProcessingResponse,
} from '../envoy/processing.ts'
import { unreadableBody, unreadableRest } from '../list-filter/unreadable-answer.ts'

export interface ListFilterDependencies {
  readonly services: readonly Service[]
  readonly metrics: CheckMetrics | undefined
  readonly log: Log
  readonly elapsedMs: () => number
}

/** Other answers are errors, which contain no lists. */
const SUCCESS = /^2\d\d$/
/** Answers a notification or a response; it has no body (MCP, Streamable HTTP), but some servers write one. */
const ACCEPTED = '202'

/** Rewrites one answer, message by message. */
export type Process = (
  requests: AsyncIterable<ProcessingRequest>,
  call: Call,
) => AsyncIterable<ProcessingResponse>

/**
 * Creates the stage that removes from answers everything that read access does not include. An unreadable answer is the
 * service's fault: 502. A failure of authz ends the stream with an error, which Envoy answers with 503.
 */
export function createListFilter({ services, metrics, log, elapsedMs }: ListFilterDependencies): Process {
  const openAnswers = new OpenAnswers()
  const queue = new FilterQueue()

  return async function* listFilter(requests, call) {
    let answer: Answer | undefined
    let counted: OpenAnswer | undefined
    try {
      for await (const request of requests) {
        const { response_headers: headers, response_body: body } = request
        if (headers !== undefined && answer === undefined) {
          const begun = (answer = answerOf(request, call))
          counted = await logFailure(begun, () => openAnswers.begin(begun.identity.subject ?? ''))
          yield await logFailure(begun, () => begin(begun, request))
        } else if (body !== undefined && answer !== undefined) {
          const current = answer
          yield await logFailure(current, async () => {
            const heldBytes = (): number => current.rewriter?.heldBytes ?? 0
            counted?.setHeldBytes(heldBytes() + (body.body?.length ?? 0))
            const begunMs = elapsedMs()
            const response = await rewrite(current, body)
            metrics?.rewritten(elapsedMs() - begunMs)
            counted?.setHeldBytes(heldBytes())
            return response
          })
        } else {
          throw new TypeError('unexpected message')
        }
      }
    } finally {
      counted?.end()
      if (answer !== undefined) finish(answer)
    }
  }

  function finish({ identity: { service }, outcome }: Answer): void {
    metrics?.answered(service, outcome)
    annotateSpan(() => ({
      ...(service === undefined ? {} : { 'connect.service': service }),
      'connect.outcome': outcome,
    }))
  }

  function begin(answer: Answer, request: ProcessingRequest): ProcessingResponse {
    const isComplete = request.response_headers?.end_of_stream === true
    const status = valuesOf(request, ':status').join()
    if (isComplete || !SUCCESS.test(status)) return PASS_ON
    try {
      answer.outcome = 'filtered'
      answer.rewriter = status === ACCEPTED ? DROP_BODY : rewriterFor(answer, request)
      return SEND_BODY
    } catch (error) {
      return refuseAnswer(answer, error)
    }
  }

  /** @throws UnreadableListError when the headers exclude filtering */
  function rewriterFor({ identity, format, caller }: Answer, request: ProcessingRequest): BodyRewriter {
    const read = readAccessTo(identity.service)
    if (format === undefined) {
      const declared = [...valuesOf(request, 'content-type'), ...valuesOf(request, 'content-encoding')]
      if (declared.length === 0) return REFUSE_BODY
      throw new UnreadableListError('content_type')
    }
    const isTooLarge = Number(valuesOf(request, 'content-length').join()) > MAX_DOCUMENT_BYTES
    if (format === 'json' && isTooLarge) throw new UnreadableListError('too_large')
    const subject = identity.subject ?? ''
    return new FilteringRewriter(createAnswerSplitter(format), (document) =>
      queue.filter({ read, document, subject, caller }),
    )
  }

  function readAccessTo(name: string | undefined): McpReadAccess {
    const service = services.find((each) => each.name === name)
    if (service?.kind !== 'mcp') throw new TypeError('the answer is not from an MCP service')
    return service.read
  }

  async function rewrite(
    answer: Answer,
    {
      body = Buffer.alloc(0),
      end_of_stream: isLast = false,
    }: NonNullable<ProcessingRequest['response_body']>,
  ): Promise<ProcessingResponse> {
    const { rewriter, isFresh } = answer
    if (rewriter === undefined) throw new TypeError('unexpected body')
    answer.isFresh = false
    if (isLast) answer.rewriter = undefined
    try {
      return replaceChunk(await rewriter.next(body, isLast))
    } catch (error) {
      // Envoy still holds the headers if the whole body came at once.
      if (isFresh && isLast) return refuseAnswer(answer, error)
      if (!isLast) answer.rewriter = DROP_BODY
      return replaceRest(answer, error)
    }
  }

  /** Replaces the whole answer by 502. */
  function refuseAnswer(answer: Answer, error: unknown): ProcessingResponse {
    if (!(error instanceof UnreadableListError)) throw error
    report(answer, error)
    answer.rewriter = undefined
    return refuse(502, unreadableBody(answer.rpcId))
  }

  /** Replaces the rest of a begun answer by a JSON-RPC error; a GET stream is cut off. */
  function replaceRest(answer: Answer, error: unknown): ProcessingResponse {
    if (!(error instanceof UnreadableListError) || answer.rpcId === undefined) throw error
    report(answer, error)
    return replaceChunk(unreadableRest(answer.rpcId, answer.format ?? 'json'))
  }

  /** Logs the error of a step; Envoy only learns that there was one. */
  async function logFailure<Result>(
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

  function report(answer: Answer, error: unknown): void {
    const reason = (error as Error).message
    const isServiceFault = error instanceof UnreadableListError
    answer.outcome = isServiceFault ? 'unreadable' : 'failed'
    const { service, ...identity } = answer.identity
    log.warn(
      { ...identity, to_service: service, reason },
      isServiceFault ? 'service: answer cannot be filtered' : 'list filter failed',
    )
  }
}
