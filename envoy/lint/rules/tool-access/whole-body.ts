import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { bodySettingsOf } from '../../config/body-settings.ts'

/** authz takes messages of 4 MiB (gRPC's default); the rest is room for headers. */
const MAX_BYTES = 4_000_000

export const rule: Rule = {
  holds: 'a later stage gets the whole body, byte for byte, or Envoy refuses the request',
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
      risk: 'The stage judges a call without its body.',
      fix: 'Set with_request_body: { max_request_bytes: 1048576, pack_as_bytes: true, allow_partial_message: false }.',
    }),
  ]
}

function off(disabled: ConfigNode) {
  return whereverSet([disabled], {
    risk: 'On this route the stage judges a call without its body.',
    fix: 'Remove disable_request_body_buffering.',
  })
}

function partial(body: ConfigNode) {
  if (!body.exists) return []
  const bytes = body.at('max_request_bytes')
  return [
    ...unlessOneOf([body.at('allow_partial_message')], [undefined, false], {
      risk: 'authz judges the start of a body, and the service reads the rest too.',
      fix: 'Set allow_partial_message: false.',
    }),
    ...unlessOneOf([body.at('pack_as_bytes')], [true], {
      risk: 'Envoy replaces bytes that are not UTF-8 by "!": authz judges another body than the service reads.',
      fix: 'Set pack_as_bytes: true.',
    }),
    ...(isWithin(bytes) ? [] : [bytes]).map((node) =>
      finding(node, {
        risk: 'authz refuses larger messages: bodies between the two limits fail as if authz were down.',
        fix: `Set max_request_bytes to at most ${MAX_BYTES}.`,
      }),
    ),
  ]
}

function isWithin({ number }: ConfigNode): boolean {
  return number !== undefined && number > 0 && number <= MAX_BYTES
}
