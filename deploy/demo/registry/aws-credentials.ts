import { randomBytes } from 'node:crypto'

const CREDENTIALS_SECONDS = 60 * 60

/** What `GET /api/auth/get_credentials` answers. */
interface AwsCredentials {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken: string
  /** RFC 3339. */
  readonly Expiration: string
}

/** Made up, in the form that AWS STS gives them for an hour: they open nothing. */
export function madeUpCredentials(now: number): AwsCredentials {
  return {
    AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    SecretAccessKey: randomBytes(30).toString('base64'),
    SessionToken: randomBytes(300).toString('base64'),
    Expiration: new Date((now + CREDENTIALS_SECONDS) * 1000).toISOString(),
  }
}
