import fc from 'fast-check'
import type { Crash } from '../../support/crash.ts'

const DAY_SECONDS = 86_400

/** An address of each network of the model; the last is unknown. */
export const ADDRESSES: Readonly<Record<string, string>> = {
  home: '192.0.2.7',
  office: '198.51.100.7',
  '': '',
}

/** One step; `back` counts generations from the current refresh token. */
export type Step =
  | { readonly does: 'authorize' }
  | {
      readonly does: 'redeem'
      readonly which: number
      readonly network: string
      readonly fault: 'none' | 'verifier' | 'client' | 'resource'
      readonly crash: Crash | undefined
    }
  | {
      readonly does: 'refresh'
      readonly which: number
      readonly back: number
      readonly network: string
      readonly times: number
      readonly crash: Crash | undefined
    }
  | { readonly does: 'misuse'; readonly which: number; readonly back: number }
  | {
      readonly does: 'revoke'
      readonly which: number
      readonly back: number
      readonly shows: 'access' | 'refresh'
      readonly crash: Crash | undefined
    }
  | { readonly does: 'wait'; readonly seconds: number }

const which = fc.nat({ max: 2 })
const back = fc.constantFrom(0, 0, 0, 1, 1, 2, 2, 3)
const network = fc.constantFrom('home', 'home', 'office', '')
const dying = fc.record({ call: fc.integer({ min: 1, max: 9 }), carriedOut: fc.boolean() })
const crash = fc.option(dying, { freq: 3, nil: undefined })

const authorize = fc.record({ does: fc.constant('authorize' as const) })
const redeem = fc.record({
  does: fc.constant('redeem' as const),
  which,
  network,
  fault: fc.constantFrom('none', 'none', 'none', 'verifier', 'client', 'resource' as const),
  crash,
})
const refresh = fc.record({
  does: fc.constant('refresh' as const),
  which,
  back,
  network,
  times: fc.constantFrom(1, 1, 3),
  crash,
})
const misuse = fc.record({ does: fc.constant('misuse' as const), which, back })
const revoke = fc.record({
  does: fc.constant('revoke' as const),
  which,
  back,
  shows: fc.constantFrom('access', 'refresh' as const),
  crash,
})
const seconds = fc.constantFrom(15, 15, 50, 50, 150, 150, 150, 4000, 4000, 5 * DAY_SECONDS)
const wait = fc.record({ does: fc.constant('wait' as const), seconds })

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: authorize },
  { weight: 4, arbitrary: redeem },
  { weight: 16, arbitrary: refresh },
  { weight: 1, arbitrary: misuse },
  { weight: 1, arbitrary: revoke },
  { weight: 6, arbitrary: wait },
)
