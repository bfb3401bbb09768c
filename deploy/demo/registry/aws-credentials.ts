import { randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Authenticate } from './authenticate.ts'

const CREDENTIALS_SECONDS = 60 * 60

/** `GET /api/auth/get_credentials`: random values in the format of AWS STS. They grant nothing. */
export function awsCredentials(authenticate: Authenticate, now: () => number): Middleware {
  return async function awsCredentials(ctx) {
    await authenticate(ctx.headers.authorization)
    ctx.body = {
      AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString('base64'),
      SessionToken: randomBytes(300).toString('base64'),
      Expiration: new Date((now() + CREDENTIALS_SECONDS) * 1000).toISOString(),
    }
  }
}
