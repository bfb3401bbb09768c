import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import type { Manager } from '../../manager.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { bodySettingsOf } from '../../body-settings.ts'

/** gRPC's limit for a message is 4 MiB at authz, with room for the headers. */
const MOST_BYTES = 4_000_000

export const wholeBody: Rule = {
  name: 'whole-body',
  holds: 'a later stage sees the whole body, byte for byte, or the request is refused',
  check: ({ managers }) => managers.flatMap(laterStages),
}

function laterStages(manager: Manager) {
  return manager.stages
    .slice(1)
    .flatMap((stage) => [
      ...missing(stage.config.at('with_request_body')),
      ...bodySettingsOf(manager, stage).flatMap(({ body, disabled }) => [...partial(body), ...off(disabled)]),
    ])
}

function missing(body: Spot) {
  if (body.exists) return []
  return [
    finding(body, {
      risk: 'The stage judges a call that it cannot see.',
      fix: 'Set with_request_body: { max_request_bytes: 1048576, pack_as_bytes: true, allow_partial_message: false }.',
    }),
  ]
}

function off(disabled: Spot) {
  return whereverSet([disabled], {
    risk: 'On this route the stage judges a call that it cannot see.',
    fix: 'Take disable_request_body_buffering out.',
  })
}

function partial(body: Spot) {
  if (!body.exists) return []
  const bytes = body.at('max_request_bytes')
  return [
    ...unlessOneOf([body.at('allow_partial_message')], [undefined, false], {
      risk: 'authz judges the beginning of a body whose end says something else to the service.',
      fix: 'Set allow_partial_message: false.',
    }),
    ...unlessOneOf([body.at('pack_as_bytes')], [true], {
      risk: 'Bytes that are no UTF-8 become "!": authz judges another body than the service reads.',
      fix: 'Set pack_as_bytes: true.',
    }),
    ...(isWithin(bytes) ? [] : [bytes]).map((spot) =>
      finding(spot, {
        risk: 'authz refuses a message that is larger: bodies between the two limits fail as if authz were down.',
        fix: `Set it, to at most ${MOST_BYTES}.`,
      }),
    ),
  ]
}

function isWithin({ number }: Spot): boolean {
  return number !== undefined && number > 0 && number <= MOST_BYTES
}
