import type { RequestListener } from 'node:http'

export const echoService: RequestListener = (request, response) => {
  request.resume()
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} }))
}
