/** More came than may; the message names the bound, and nothing of what came. */
export class TooLargeError extends Error {
  constructor(mostBytes: number) {
    super(`an answer of more than ${mostBytes} bytes`)
    this.name = 'TooLargeError'
  }
}

/**
 * Everything that a body brings, which is given up where it is too long: leaving the loop ends what brings it.
 *
 * @throws TooLargeError, and what the body throws where it is cut off
 */
export async function readBounded(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new TooLargeError(mostBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
