import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'

/** Names a request; Envoy and the service pass it on. */
export const PROBE = 'x-probe'

export interface Reached {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly chunks: Buffer[]
  /** Resolves with the whole body; rejects if it was cut off. */
  readonly whole: Promise<Buffer>
}

type Answer = (response: ServerResponse, reached: Reached) => void | Promise<void>

/** A service that records requests and answers as scripted. */
export interface AnsweringService {
  readonly listener: RequestListener
  readonly reached: readonly Reached[]
  /** Sets the answer to the request with this name; others get an empty result. */
  answerWith(probe: string, answer: Answer): void
  reachedBy(probe: string): readonly Reached[]
}

export function answeringService(): AnsweringService {
  const reached: Reached[] = []
  const answers = new Map<string, Answer>()

  const listener: RequestListener = (request, response) => {
    const { promise: whole, resolve, reject } = Promise.withResolvers<Buffer>()
    const { method = '', headers } = request
    const one = { method, headers, chunks: [] as Buffer[], whole }
    whole.catch(() => undefined)
    reached.push(one)
    request.on('data', (chunk: Buffer) => void one.chunks.push(chunk))
    request.once('end', () => resolve(Buffer.concat(one.chunks)))
    request.once('error', reject)
    const answer = answers.get(String(headers[PROBE])) ?? emptyResult
    Promise.resolve(answer(response, one)).catch(() => response.destroy())
  }

  return {
    listener,
    reached,
    answerWith: (probe, answer) => void answers.set(probe, answer),
    reachedBy: (probe) => reached.filter(({ headers }) => headers[PROBE] === probe),
  }
}

async function emptyResult(response: ServerResponse, { whole }: Reached): Promise<void> {
  await whole
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"jsonrpc":"2.0","id":1,"result":{}}')
}
