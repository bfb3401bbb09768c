import { decodeJwt } from 'jose'
import { tokensOf, type TestClient, type Tokens } from '../../support/client.ts'
import { json } from '../../support/answer.ts'

/** Claude Code refreshes before a request if its access token expires sooner. */
const REFRESH_BELOW_SECONDS = 300

/** The file that all sessions of one user on one computer share. */
export interface CredentialFile {
  tokens: Tokens
}

interface Day {
  refreshes: number
  refusals: number
  forcedLogins: number
}

/** One session of Claude Code. Its copy of the tokens is stale after another one refreshes (anthropics/claude-code#74250). */
export class ClaudeCodeSession {
  readonly day: Day = { refreshes: 0, refusals: 0, forcedLogins: 0 }
  readonly #client: TestClient
  readonly #file: CredentialFile
  readonly #readsAgain: boolean
  #tokens: Tokens

  /** @param readsAgain - reads the file again after its own copy was refused, as newer versions do */
  constructor(client: TestClient, file: CredentialFile, { readsAgain }: { readonly readsAgain: boolean }) {
    this.#client = client
    this.#file = file
    this.#readsAgain = readsAgain
    this.#tokens = file.tokens
  }

  /** The access token of a request at `now` (seconds since 1970). */
  async request(now: number): Promise<string> {
    if (expiryOf(this.#tokens) - now <= REFRESH_BELOW_SECONDS) await this.#refresh(now)
    return this.#tokens.access_token
  }

  async #refresh(now: number): Promise<void> {
    const answer = await this.#client.refresh(this.#tokens.refresh_token)
    if (answer.status === 200) {
      this.day.refreshes += 1
      this.#tokens = tokensOf(answer)
      this.#file.tokens = this.#tokens
      return
    }
    if (json(answer).error !== 'invalid_grant') throw new Error(answer.text)
    this.day.refusals += 1
    const isNewer = this.#file.tokens.refresh_token !== this.#tokens.refresh_token
    if (!this.#readsAgain || !isNewer) {
      this.day.forcedLogins += 1
      return
    }
    this.#tokens = this.#file.tokens
    if (expiryOf(this.#tokens) - now <= REFRESH_BELOW_SECONDS) await this.#refresh(now)
  }
}

function expiryOf({ access_token: token }: Tokens): number {
  return decodeJwt(token).exp ?? 0
}
