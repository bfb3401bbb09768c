/** A session of the model; times are seconds since 1970. */
export class SessionModel {
  readonly code: string
  readonly issuedAt: number
  readonly lifetimes: { readonly session: number; readonly idle: number }
  state: 'offered' | 'open' | 'ended' = 'offered'
  usedAt = Number.NaN
  idleUntil = Number.NaN
  accessToken: string | undefined
  /** By generation. A lost response leaves one out. */
  readonly refreshTokens = new Map<number, string>()
  generation = 0
  /** Two parties hold its tokens: it ends when its user approves again. A crash leaves it open whether it was marked. */
  contested: 'no' | 'perhaps' | 'yes' = 'no'
  readonly exchanges = new Map<number, { readonly at: number; readonly network: string }>()

  constructor(code: string, issuedAt: number, lifetimes: SessionModel['lifetimes']) {
    this.code = code
    this.issuedAt = issuedAt
    this.lifetimes = lifetimes
  }

  get id(): string {
    return this.code.split('.')[0] ?? ''
  }

  get expiresAt(): number {
    return this.issuedAt + this.lifetimes.session
  }

  lives(now: number): boolean {
    return this.state === 'open' && now < this.expiresAt && now < this.idleUntil
  }

  open(now: number, network: string): void {
    this.state = 'open'
    this.usedAt = now
    this.generation = 1
    this.exchanges.set(0, { at: now, network })
    this.#touch(now)
  }

  end(): void {
    this.state = 'ended'
  }

  contest(isCertain: boolean): void {
    if (this.contested !== 'yes') this.contested = isCertain ? 'yes' : 'perhaps'
  }

  rotate(now: number, network: string): void {
    this.exchanges.set(this.generation, { at: now, network })
    this.generation += 1
    this.#touch(now)
  }

  #touch(now: number): void {
    this.idleUntil = Math.min(now + this.lifetimes.idle, this.expiresAt)
  }

  /** The expected result for a code in a correct request. */
  whenRedeemed(now: number): 'opens' | 'ends' | 'refused' {
    if (this.state === 'offered') return now < this.issuedAt + 60 ? 'opens' : 'refused'
    const isReplay = now - this.usedAt > 10 && now - this.usedAt < 600
    return isReplay && this.lives(now) ? 'ends' : 'refused'
  }

  whenRefreshed(
    generation: number,
    now: number,
    network: string,
  ): 'rotates' | 'repeats' | 'ends' | 'contests' | 'refused' {
    if (!this.lives(now)) return 'refused'
    if (generation === this.generation) return 'rotates'
    const exchange = this.exchanges.get(generation)
    if (exchange === undefined) return 'refused'
    if (now - exchange.at <= 120) return 'repeats'
    const isUnused = generation === this.generation - 1
    if (isUnused) return this.#whenUnused(generation, network)
    return this.#isStrange(generation, network) ? 'ends' : 'refused'
  }

  /** For the last exchanged token, whose successor the client may not have received. */
  #whenUnused(generation: number, network: string): 'repeats' | 'contests' | 'refused' {
    if (network === '') return 'refused'
    if (this.exchanges.get(generation)?.network === network) return 'repeats'
    const isKnown = [...this.exchanges].some(([of, other]) => of < generation && other.network === network)
    return isKnown ? 'contests' : 'refused'
  }

  /** True from a network without a newer token, if another network has newer ones. */
  #isStrange(generation: number, network: string): boolean {
    const known = [...this.exchanges].filter(([, exchange]) => exchange.network !== '')
    if (network === '' || known.length === 0) return false
    return !known.some(([of, exchange]) => of >= generation && exchange.network === network)
  }

  /** Times of a state change. Steps keep away from them, as real time passes during a test. */
  moments(): number[] {
    const exchanged = [...this.exchanges.values()].map(({ at }) => at + 120)
    const own = [this.issuedAt + 60, this.usedAt + 10, this.usedAt + 600, this.idleUntil, this.expiresAt]
    return [...own, ...exchanged]
  }
}
