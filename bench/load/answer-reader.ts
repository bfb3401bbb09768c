export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const END_OF_HEAD = '\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** Reads the answers of one connection, one after the other. */
export class AnswerReader {
  #text = ''

  push(chunk: Buffer): Answer | undefined {
    this.#text += chunk.toString('latin1')
    const end = this.#text.indexOf(END_OF_HEAD)
    if (end < 0) return undefined
    const [first = '', ...lines] = this.#text.slice(0, end).split('\r\n')
    const headers = new Map(lines.map(headerOf))
    const body = bodyOf(headers, this.#text.slice(end + END_OF_HEAD.length))
    if (body === undefined) return undefined
    this.#text = ''
    return { status: Number(first.split(' ')[1]), headers, body }
  }
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

function bodyOf(headers: ReadonlyMap<string, string>, text: string): string | undefined {
  if (headers.get('transfer-encoding') === 'chunked') {
    return text.endsWith(LAST_CHUNK) ? joinChunks(text) : undefined
  }
  return text.length >= Number(headers.get('content-length') ?? 0) ? text : undefined
}

function joinChunks(text: string): string {
  let body = ''
  for (let at = 0; at < text.length;) {
    const line = text.indexOf('\r\n', at)
    const length = Number.parseInt(text.slice(at, line), 16)
    body += text.slice(line + 2, line + 2 + length)
    at = line + 2 + length + 2
  }
  return body
}
