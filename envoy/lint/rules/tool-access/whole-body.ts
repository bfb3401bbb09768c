import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { bodySettingsOf } from '../../config/body-settings.ts'

/** gRPC's limit for a message is 4 MiB at authz, with room for the headers. */
const MOST_BYTES = 4_000_000

export const rule: Rule = {
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

function missing(body: ConfigNode) {
  if (body.exists) return []
  return [
    finding(body, {
      risk: 'The stage judges a call that it cannot see.',
      fix: 'Set with_request_body: { max_request_bytes: 1048576, pack_as_bytes: true, allow_partial_message: false }.',
    }),
  ]
}

function off(disabled: ConfigNode) {
  return whereverSet([disabled], {
    risk: 'On this route the stage judges a call that it cannot see.',
    fix: 'Take disable_request_body_buffering out.',
  })
}

function partial(body: ConfigNode) {
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
    ...(isWithin(bytes) ? [] : [bytes]).map((node) =>
      finding(node, {
        risk: 'authz refuses a message that is larger: bodies between the two limits fail as if authz were down.',
        fix: `Set it, to at most ${MOST_BYTES}.`,
      }),
    ),
  ]
}

function isWithin({ number }: ConfigNode): boolean {
  return number !== undefined && number > 0 && number <= MOST_BYTES
}
