import type { Context } from 'koa'
import { PROVIDERS } from './single-sign-on.ts'

/** `GET /config.json`, which a real stack's catalog serves: where the Registry is, and how people sign in. */
export function configJson(ctx: Context): void {
  const registryUrl = `http://localhost:${ctx.req.socket.localPort}`
  ctx.body = {
    registryUrl,
    region: 'us-east-1',
    // quilt-mcp 0.22 searches only where these two are said; the second names the stack.
    apiGatewayEndpoint: `${registryUrl}/no-aws`,
    analyticsBucket: 'quilt-demo-analyticsbucket',
    alwaysRequiresAuth: true,
    passwordAuth: 'ENABLED',
    ssoAuth: 'ENABLED',
    ssoProviders: PROVIDERS.join(' '),
  }
}
