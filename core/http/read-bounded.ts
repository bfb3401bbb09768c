/** The message names the bound and quotes nothing of the body. */
export class TooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`an answer of more than ${maxBytes} bytes`)
    this.name = 'TooLargeError'
  }
}

/**
 * Reads a body up to a bound. Beyond it, leaving the loop destroys the stream.
 *
 * @throws TooLargeError, or the stream's error if the body is cut off
 */
export async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new TooLargeError(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
