import type Router from 'koa-router'
import { protectedResources, type Service } from '../../core/services/service.ts'
import type { PublicKey } from '../keys/signing-keys.ts'
import { DISCOVERY_CACHE_SECONDS } from '../lifetimes.ts'
import { authorizationServerMetadata, protectedResourceMetadata } from './discovery-documents.ts'

export interface DiscoverySettings {
  readonly origin: string
  readonly issuer: string
  readonly services: readonly Service[]
  readonly keys: readonly PublicKey[]
  readonly hasIntrospection: boolean
  /** Enterprise-managed authorization is on. */
  readonly acceptsAssertions: boolean
}

const SERVER_METADATA_NAMES = ['oauth-authorization-server', 'openid-configuration']

/** Serves discovery documents and JWKS, rendered once. Clients may insert or append a service's path. */
export function discovery(router: Router, settings: DiscoverySettings): void {
  const { origin, issuer, services, keys } = settings
  const documents = new Map<string, unknown>([['/auth/.well-known/jwks.json', { keys }]])
  const resources = protectedResources(origin, services)
  for (const [path, resource] of resources) {
    documents.set(`/.well-known/oauth-protected-resource${path}`, protectedResourceMetadata(issuer, resource))
    for (const name of SERVER_METADATA_NAMES) {
      const metadata = authorizationServerMetadata(settings)
      documents.set(`/.well-known/${name}${path}`, metadata)
      documents.set(`${path}/.well-known/${name}`, metadata)
    }
  }
  for (const [path, document] of documents) serve(router, path, JSON.stringify(document))
}

function serve(router: Router, path: string, body: string): void {
  router.get(path, function discoveryDocument(ctx) {
    ctx.set('Cache-Control', `public, max-age=${DISCOVERY_CACHE_SECONDS}`)
    // Envoy's CORS filter echoes the request's origin (Fetch, section 3.3.5).
    ctx.vary('Origin')
    ctx.type = 'application/json'
    ctx.body = body
  })
}
