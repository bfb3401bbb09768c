import { bytesOf, messageField, numberField, textField, type ByteText } from '../protobuf/write-field.ts'
import type { Struct } from '../stage-metadata.ts'
import type { CheckResponse, HttpResponse } from './check-response.ts'
import type { HeaderValueOption } from './header.ts'

/**
 * A CheckResponse's bytes (proto/envoy/service/auth/v3, which has these numbers). A third of what a check costs went
 * into writing its answer when the numbers were read from there: the test holds this up to it.
 */
export function writeResponse(response: CheckResponse): Buffer {
  return bytesOf(
    messageField(1, numberField(1, response.status.code)) +
      httpResponseOf(response) +
      messageField(4, struct(response.dynamic_metadata)),
  )
}

function httpResponseOf(response: CheckResponse): ByteText {
  if ('ok_response' in response) {
    const { headers, headers_to_remove: removed } = response.ok_response
    return messageField(3, headers.map(headerOption).join('') + removed.map(removedHeader).join(''))
  }
  return 'denied_response' in response
    ? messageField(2, refusal(response.denied_response))
    : messageField(5, refusal(response.error_response))
}

function refusal({ status, headers, body }: HttpResponse): ByteText {
  return (
    messageField(1, numberField(1, status.code)) + headers.map(headerOption).join('') + textField(3, body)
  )
}

/** BoolValue, which is empty for false. */
const DO_NOT_APPEND = messageField(2, '')

/** Names and values are ASCII: header() saw to it. */
function headerOption({ header }: HeaderValueOption): ByteText {
  const { key, value } = header
  return messageField(2, messageField(1, messageField(1, key) + messageField(2, value)) + DO_NOT_APPEND)
}

/** A name that came as a header's, in bytes already. */
function removedHeader(name: string): ByteText {
  return messageField(5, name)
}

/** google.protobuf.Struct: a map of names and Values. */
function struct({ fields = {} }: Struct): ByteText {
  let written = ''
  for (const [name, { stringValue, boolValue }] of Object.entries(fields)) {
    const value = stringValue === undefined ? numberField(4, Number(boolValue)) : textField(3, stringValue)
    written += messageField(1, textField(1, name) + messageField(2, value))
  }
  return written
}
