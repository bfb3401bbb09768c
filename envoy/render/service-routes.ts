import type { Service } from '../../core/services/service.ts'
import { locationPatterns } from './location-patterns.ts'
import { fillIn, type Values } from './template.ts'

/** Renders the routes of a service (envoy.config.route.v3.Route). */
export function serviceRoutes(service: Service): unknown[] {
  return [...atEachPath('services/page.yaml', service), ...ownRoutes(service)]
}

function ownRoutes(service: Service): unknown[] {
  if (service.kind === 'mcp') return atEachPath('services/mcp-path.yaml', service)
  const path: [string, string] = ['PATH', service.pathPrefix]
  return [
    ...service.read.paths.flatMap((readPath) =>
      block('services/http-read-path.yaml', service, [path, ['READ_PATH', readPath]]),
    ),
    ...block('services/http-service.yaml', service, [path]),
  ]
}

/** Each path also works with a slash at its end, as users type it. */
function atEachPath(file: string, service: Service): unknown[] {
  const spellings = [
    ...service.paths.map((path) => [path, path]),
    ...service.paths.map((path) => [path, `${path}/`]),
  ]
  return spellings.flatMap(([path = '', typed = '']) =>
    block(file, service, [
      ['PATH', path],
      ['TYPED_PATH', typed],
    ]),
  )
}

function block(file: string, service: Service, paths: readonly [string, string][]): unknown[] {
  const { name, maxBodyBytes, upstream } = service
  const { url, idleSeconds } = upstream
  const values: Values = new Map<string, unknown>([
    ...paths,
    ['SERVICE', name],
    ['MAX_BODY_BYTES', maxBodyBytes],
    ['TOO_LARGE_BYTES', maxBodyBytes + 1],
    ...locationPatterns(service),
    ['IDLE_TIMEOUT', `${idleSeconds}s`],
    ['UPSTREAM_HOST', url.host],
    ['UPSTREAM_PATH', url.pathname],
    ['UPSTREAM_FOLDER', url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`],
  ])
  return fillIn(file, values).toJS() as unknown[]
}
