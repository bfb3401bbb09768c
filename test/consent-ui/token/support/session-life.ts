import assert from 'node:assert/strict'
import { SessionStore } from '../../../../core/sessions/session-store.ts'
import type { Answer } from '../../support/answer.ts'
import { assertRefused, tokensOf, type Changes, type TestClient } from '../../support/client.ts'
import type { Connect } from '../../support/connect.ts'
import { dyingAt, type Crash } from '../../support/crash.ts'
import { codeFor } from '../../support/person.ts'
import { SessionModel } from './session-model.ts'
import { ADDRESSES, type Step } from './session-steps.ts'

const MAX_SESSIONS = 3
/** Real time passes during a test: no step runs this close to a state change. */
const CLOSE_SECONDS = 4

const FAULTS: Readonly<Record<Does<'redeem'>['fault'], Changes>> = {
  none: {},
  client: {},
  verifier: { code_verifier: 'x'.repeat(43) },
  resource: { resource: 'https://evil.example/mcp' },
}

interface Parts {
  readonly connect: Connect
  readonly client: TestClient
  readonly other: TestClient
  readonly lifetimes: SessionModel['lifetimes']
}

type Does<Name extends Step['does']> = Extract<Step, { does: Name }>

/** Runs steps against the server and the model, and compares both. */
export class SessionLife {
  readonly #parts: Parts
  readonly #store: SessionStore
  readonly #sessions: SessionModel[] = []
  readonly happened: string[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#store = new SessionStore(parts.connect.redis)
  }

  async perform(step: Step): Promise<void> {
    await this.#keepClear()
    switch (step.does) {
      case 'authorize':
        await this.#authorize()
        break
      case 'wait':
        await this.#parts.connect.passTime(step.seconds)
        break
      case 'redeem':
        await this.#redeem(step)
        break
      case 'refresh':
        await this.#refresh(step)
        break
      case 'misuse':
        await this.#misuse(step)
        break
      case 'revoke':
        await this.#revoke(step)
        break
    }
    for (const session of this.#sessions) await this.#assertAsModelled(session)
  }

  #sessionAt(which: number): SessionModel | undefined {
    return this.#sessions[which % this.#sessions.length]
  }

  get #now(): number {
    return this.#parts.connect.now()
  }

  async #keepClear(): Promise<void> {
    const isClose = (): boolean =>
      this.#sessions
        .flatMap((session) => session.moments())
        .some((moment) => Math.abs(moment - this.#now) <= CLOSE_SECONDS)
    while (isClose()) await this.#parts.connect.passTime(CLOSE_SECONDS)
  }

  async #authorize(): Promise<void> {
    if (this.#sessions.length >= MAX_SESSIONS) return
    const { connect, client, lifetimes } = this.#parts
    const code = await codeFor(connect, client)
    this.#sessions.push(new SessionModel(code, this.#now, lifetimes))
  }

  async #redeem({ which, network, fault, crash }: Does<'redeem'>): Promise<void> {
    const session = this.#sessionAt(which)
    if (session === undefined) return
    const client = (fault === 'client' ? this.#parts.other : this.#parts.client).from(address(network))
    const expected = fault === 'none' ? session.whenRedeemed(this.#now) : 'refused'
    const now = this.#now
    const answer = await this.#ask(crash, () => client.redeem(session.code, FAULTS[fault]))
    if (expected === 'opens') await this.#endContested(answer !== undefined)
    const apply = (): void => {
      if (expected === 'opens') session.open(now, network)
      if (expected === 'ends') session.end()
    }
    if (answer === undefined) {
      if (await this.#hasHappened(session, expected)) apply()
      return
    }
    this.happened.push(`redeem: ${expected}`)
    apply()
    if (expected === 'opens') this.#learn(session, 1, answer)
    // A fault of the request comes before a fault of its code.
    else assertRefused(answer, answer.text.includes('invalid_target') ? 'invalid_target' : 'invalid_grant')
  }

  async #refresh({ which, back, network, times, crash }: Does<'refresh'>): Promise<void> {
    const session = this.#sessionAt(which)
    const [generation, token] = tokenBack(session, back)
    if (session === undefined || token === undefined) return
    const client = this.#parts.client.from(address(network))
    const now = this.#now
    const expected = session.whenRefreshed(generation, now, network)
    const dies = times === 1 ? crash : undefined
    const all = await Promise.all(
      Array.from({ length: times }, () => this.#ask(dies, () => client.refresh(token))),
    )
    const apply = (): void => {
      if (expected === 'rotates') session.rotate(now, network)
      if (expected === 'ends') session.end()
    }
    const answers = all.filter((answer) => answer !== undefined)
    if (expected === 'contests') session.contest(answers.length > 0)
    if (answers.length === 0) {
      if (await this.#hasHappened(session, expected)) apply()
      return
    }
    this.happened.push(`refresh: ${expected}`)
    apply()
    for (const answer of answers) {
      if (expected === 'rotates' || expected === 'repeats') this.#learn(session, generation + 1, answer)
      else assertRefused(answer, 'invalid_grant')
    }
  }

  /** @param isComplete - false if the process died, before or after it ended them */
  async #endContested(isComplete: boolean): Promise<void> {
    for (const session of this.#sessions.filter(({ contested }) => contested !== 'no')) {
      const isCertain = isComplete && session.contested === 'yes'
      if (isCertain || (await this.#hasHappened(session, 'ends'))) session.end()
    }
  }

  async #misuse({ which, back }: Does<'misuse'>): Promise<void> {
    const session = this.#sessionAt(which)
    const [, token] = tokenBack(session, back)
    if (token === undefined) return
    const { client, other } = this.#parts
    const parts = token.split('.')
    parts[3] = 'A'.repeat(43)
    const thief = client.from('203.0.113.66')
    assertRefused(await other.refresh(token), 'invalid_grant')
    assertRefused(await thief.refresh(parts.join('.')), 'invalid_grant')
    assert.equal((await other.revoke(token)).status, 200)
    assert.equal((await client.revoke(parts.join('.'))).status, 200)
    const elsewhere = await client.refresh(token, { resource: 'https://evil.example/mcp' })
    assert.equal(elsewhere.status, 400)
    this.happened.push('misuse')
  }

  async #revoke({ which, back, shows, crash }: Does<'revoke'>): Promise<void> {
    const session = this.#sessionAt(which)
    const [, refreshToken] = tokenBack(session, back)
    const token = shows === 'access' ? session?.accessToken : refreshToken
    if (session === undefined || token === undefined) return
    const isOver = shows === 'access' && expiryOf(token) <= this.#now
    const answer = await this.#ask(crash, () => this.#parts.client.revoke(token))
    if (answer === undefined) {
      if (await this.#hasHappened(session, 'ends')) session.end()
      return
    }
    assert.equal(answer.status, 200)
    this.happened.push('revoke')
    if (!isOver) session.end()
  }

  /** Undefined if the process died without a response; a new process has replaced it. */
  async #ask(crash: Crash | undefined, ask: () => Promise<Answer>): Promise<Answer | undefined> {
    if (crash === undefined) return await ask()
    const { connect } = this.#parts
    const answer = await dyingAt(connect.redis, crash, ask)
    if (answer.status !== 503) return answer
    connect.redeploy()
    this.happened.push('crash')
    return undefined
  }

  /** True if the step was complete before the crash. */
  async #hasHappened(session: SessionModel, expected: string): Promise<boolean> {
    const state = await this.#store.findRefresh(session.id)
    switch (expected) {
      case 'opens':
        return state !== undefined
      case 'ends':
        return state === undefined
      case 'rotates':
        return state?.generation === session.generation + 1
      default:
        return false
    }
  }

  /** A generation always has the same refresh token. */
  #learn(session: SessionModel, generation: number, answer: Answer): void {
    const { refresh_token: refreshToken, access_token: accessToken } = tokensOf(answer)
    const known = session.refreshTokens.get(generation) ?? refreshToken
    assert.equal(refreshToken, known)
    session.refreshTokens.set(generation, refreshToken)
    session.accessToken = accessToken
  }

  async #assertAsModelled(session: SessionModel): Promise<void> {
    const found = await this.#store.findRefresh(session.id)
    const expected = session.lives(this.#now) ? session.generation : undefined
    assert.equal(found?.generation, expected, `the current generation of a session that is ${session.state}`)
  }
}

/** The refresh token `back` generations ago, among those that the client knows. */
function tokenBack(session: SessionModel | undefined, back: number): [number, string | undefined] {
  const known = [...(session?.refreshTokens.keys() ?? [])].sort((one, other) => other - one)
  const generation = known[Math.min(back, known.length - 1)] ?? 0
  return [generation, session?.refreshTokens.get(generation)]
}

function address(network: string): string {
  return ADDRESSES[network] ?? ''
}

function expiryOf(accessToken: string): number {
  const [, payload = ''] = accessToken.split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number }).exp
}
