import type { RequestListener } from 'node:http'
import type { Log } from '../../core/log/log.ts'

/** Logs each response. Queries, headers and bodies contain secrets and are not logged. */
export function logRequests(handler: RequestListener, log: Log): RequestListener {
  return (request, response) => {
    const began = performance.now()
    const { method } = request
    const path = request.url?.split('?', 1)[0]
    response.once('close', () => {
      const milliseconds = Math.round(performance.now() - began)
      log.info({ method, path, status: response.statusCode, milliseconds }, 'request')
    })
    handler(request, response)
  }
}
