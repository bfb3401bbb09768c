import { until } from '../../support/until.ts'

/** Waits until an access token has expired, by its own claims. */
export async function tokenEnd(accessToken: string): Promise<void> {
  const [, claims = ''] = accessToken.split('.')
  const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number }
  await until(() => Date.now() >= exp * 1000, 'the end of the token')
}
