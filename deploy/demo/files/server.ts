import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describeError } from '../../../core/log/describe-error.ts'
import type { Log } from '../../../core/log/log.ts'
import { readBounded } from '../../../core/http/read-bounded.ts'
import { ROLES } from '../roles.ts'
import { SAMPLE_BUCKETS } from '../sample-data.ts'
import { NotAuthenticated, RegistryUnavailable, fetchQuiltUser, type QuiltUser } from '../quilt-user.ts'

export interface FilesOptions {
  readonly registryUrl: URL
  readonly log: Log
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly type?: 'application/json' | 'text/plain; charset=utf-8'
}

const MAX_FILE_BYTES = 100_000

/**
 * An HTTP service of sample files that accepts Quilt credentials. `GET /files` lists the files; GET, POST and DELETE of
 * `/files/<bucket>/<key>` read, write and delete one. Changes are in memory only.
 */
export function createFiles({ registryUrl, log }: FilesOptions): RequestListener {
  const files = new Map(
    Object.entries(SAMPLE_BUCKETS).flatMap(([bucket, { objects }]) =>
      Object.entries(objects).map(([key, content]) => [`${bucket}/${key}`, content]),
    ),
  )

  async function answer(request: IncomingMessage): Promise<Answer> {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (path === '/healthz') return { status: 200, text: 'ok' }
    const user = await fetchQuiltUser(registryUrl, request.headers.authorization)
    if (/^\/files\/?$/.test(path)) return list(user)
    const [, name] = /^\/files\/([^/]+\/.+)$/.exec(path) ?? []
    return name !== undefined && maySee(user, name) ? await answerFor(request, user, name) : NOT_FOUND
  }

  async function answerFor(request: IncomingMessage, user: QuiltUser, name: string): Promise<Answer> {
    if (request.method === 'GET' || request.method === 'HEAD') return read(name)
    if (!mayChange(user)) return { status: 403, text: `The role ${user.role} may only read.` }
    return await change(request, name)
  }

  function list(user: QuiltUser): Answer {
    const names = [...files.keys()].filter((name) => maySee(user, name))
    return { status: 200, type: 'application/json', text: JSON.stringify({ user: user.name, files: names }) }
  }

  function read(name: string): Answer {
    const text = files.get(name)
    return text === undefined ? NOT_FOUND : { status: 200, text }
  }

  async function change(request: IncomingMessage, name: string): Promise<Answer> {
    if (request.method === 'DELETE') return files.delete(name) ? { status: 204, text: '' } : NOT_FOUND
    if (request.method !== 'POST') return { status: 405, text: 'Use GET, HEAD, POST or DELETE.' }
    files.set(name, (await readBounded(request, MAX_FILE_BYTES)).toString())
    return { status: 204, text: '' }
  }

  return (request, response) => {
    answer(request)
      .catch((error: unknown) => refusalFor(error, log))
      .then((given) => send(response, given))
      .catch(() => response.destroy())
  }
}

const NOT_FOUND: Answer = { status: 404, text: 'The file does not exist, or your role may not see it.' }

function maySee({ buckets }: QuiltUser, file: string): boolean {
  return buckets.some(({ name }) => file.startsWith(`${name}/`))
}

/** An unknown role may only read. */
function mayChange({ role }: QuiltUser): boolean {
  return Object.entries(ROLES).some(([name, rights]) => name === role && rights.mayChange)
}

function refusalFor(error: unknown, log: Log): Answer {
  if (error instanceof NotAuthenticated) return { status: 401, text: error.message }
  if (error instanceof RegistryUnavailable) return { status: 503, text: error.message }
  log.error({ error: describeError(error) }, 'request failed')
  return { status: 500, text: 'Internal server error.' }
}

function send(response: ServerResponse, { status, text, type = 'text/plain; charset=utf-8' }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(text)
}
