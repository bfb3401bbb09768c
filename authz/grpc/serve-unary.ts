import { MessageReader } from './framing.ts'
import type { UnaryMethod } from './method.ts'
import type { OpenCall } from './open-call.ts'
import { GrpcError, STATUS } from './status.ts'

/** Answers a call of one request, when its caller has said all of it and nothing more. */
export function serveUnary(method: UnaryMethod, call: OpenCall): void {
  const reader = new MessageReader(method.largestMessageBytes)
  const messages: Buffer[] = []
  call.stream.on('data', (chunk: Buffer) => {
    if (call.ended) return
    try {
      messages.push(...reader.push(chunk))
      if (messages.length > 1) throw new GrpcError(STATUS.UNIMPLEMENTED, 'there is more than one request')
    } catch (error) {
      call.fail(error)
    }
  })
  call.stream.once('end', () => {
    if (call.ended) return
    try {
      if (reader.unfinished) throw new GrpcError(STATUS.INTERNAL, 'the request ends too soon')
      answer(method, call, messages[0])
    } catch (error) {
      call.fail(error)
    }
  })
}

function answer(method: UnaryMethod, call: OpenCall, message: Buffer | undefined): void {
  if (message === undefined) throw new GrpcError(STATUS.UNIMPLEMENTED, 'there is no request')
  method
    .handle(method.decode(message), call)
    .then((response) => call.answer(method.encode(response)))
    .catch((error: unknown) => call.fail(error))
}
