import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { approveAs, type AccessChoice } from './consent.ts'
import { mcpUser, type McpUser } from './mcp-user.ts'
import { rawPost } from './raw-post.ts'
import type { RawAnswer } from './raw-request.ts'
import type { Stack } from '../../../deploy/local/stack.ts'

export interface ConnectedUser extends McpUser {
  readonly accessToken: string
  /** One request with the client's access token, at this stack or another. */
  ask(mcpUrl?: string): Promise<RawAnswer>
  /** Refreshes here or at another stack, and keeps the new tokens. */
  refresh(
    origin?: string,
  ): Promise<{ readonly status: number; readonly retryAfter: string | null; readonly error?: string }>
  revoke(origin?: string): Promise<number>
}

export async function connectedUser(
  stack: Pick<Stack, 'origin' | 'mcpUrl'>,
  person: DemoPerson,
  access?: AccessChoice,
): Promise<ConnectedUser> {
  const user = await mcpUser(stack.mcpUrl)
  await user.redeem(await approveAs(user, person, access))
  const { memory } = user
  const post = async (url: string, form: Record<string, string>): Promise<Response> => {
    const client_id = memory.clientInformation()?.client_id ?? ''
    return await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ ...form, client_id }),
    })
  }
  return {
    ...user,
    get accessToken() {
      return memory.tokens()?.access_token ?? ''
    },
    ask: (mcpUrl = stack.mcpUrl) => rawPost(mcpUrl, [`Bearer ${memory.tokens()?.access_token ?? ''}`]),
    async refresh(origin = stack.origin) {
      const refresh_token = memory.tokens()?.refresh_token ?? ''
      const response = await post(`${origin}/auth/token`, {
        grant_type: 'refresh_token',
        refresh_token,
      })
      const answer = (await response.json()) as { error?: string }
      if (response.ok) memory.saveTokens(answer as never)
      const { error } = answer
      const retryAfter = response.headers.get('retry-after')
      return { status: response.status, retryAfter, ...(error === undefined ? {} : { error }) }
    },
    revoke: async (origin = stack.origin) => {
      const token = memory.tokens()?.refresh_token ?? ''
      return (await post(`${origin}/auth/revoke`, { token })).status
    },
  }
}
