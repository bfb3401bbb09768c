/** The gRPC status codes that we answer with (gRPC, "Status codes and their use"). */
export const STATUS = {
  OK: 0,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const

export type StatusCode = (typeof STATUS)[keyof typeof STATUS]

/** Ends a call with a status. The message is sent to the caller: it must quote nothing that was read or thrown. */
export class GrpcError extends Error {
  readonly code: Exclude<StatusCode, 0>

  constructor(code: Exclude<StatusCode, 0>, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.code = code
  }
}

/** How a call ended. */
export interface Status {
  readonly code: StatusCode
  readonly message?: string
}

export const OK: Status = { code: STATUS.OK }

/** What the caller is told about something thrown: nothing, unless it was thrown to be told. */
export function statusOf(error: unknown): Status {
  return error instanceof GrpcError ? error : { code: STATUS.INTERNAL }
}

/** The headers that say so, as trailers or in place of a response. */
export function statusHeaders({ code, message }: Status): Record<string, string> {
  if (message === undefined) return { 'grpc-status': String(code) }
  return { 'grpc-status': String(code), 'grpc-message': percentEncode(message) }
}

/** As grpc-message is written: UTF-8, of which all but printable ASCII without the percent sign is encoded. */
function percentEncode(message: string): string {
  return Array.from(Buffer.from(message), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}
