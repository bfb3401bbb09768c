import type { RequestListener } from 'node:http'
import { ADA } from '../../../deploy/demo/people.ts'
import type { OddAnswer } from './scripted-identity-provider.ts'

/** A Registry whose responses can be changed; by default it returns Ada. */
export class ScriptedRegistry {
  odd: Readonly<Record<string, OddAnswer>> = {}
  isDown = false
  readonly asked: string[] = []

  readonly listener: RequestListener = (request, response) => {
    const path = request.url ?? ''
    this.asked.push(path)
    const odd = this.odd[path] ?? { status: 200, body: JSON.stringify(USUAL[path]) }
    if (this.isDown) response.destroy()
    else response.writeHead(odd.status, { 'content-type': odd.type ?? 'application/json' }).end(odd.body)
  }
}

const EXCHANGED = { access_token: 'quilt-token', token_type: 'Bearer', expires_in: 90 * 86_400 }

/** The response of a token exchange; undefined omits a member. */
export function exchanged(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...EXCHANGED, ...changes })
}

const USUAL: Readonly<Record<string, unknown>> = {
  '/api/token-exchange': EXCHANGED,
  '/api/logout': {},
  '/api/me': { current_user: ADA.quilt.name, email: ADA.email, is_staff: false, is_active: true },
}
