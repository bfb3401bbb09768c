import { tlsOf } from '../../config/cluster.ts'
import { finding, unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds:
    'Envoy verifies a certificate against trusted authorities and the exact name of the service (RFC 9525)',
  check: ({ clusters }) =>
    clusters
      .map(tlsOf)
      .filter((context) => context !== undefined)
      .flatMap((context) => {
        const validation = context.at('common_tls_context', 'validation_context')
        return [...trusted(validation), ...named(validation), ...lax(context, validation)]
      }),
}

function trusted(validation: ConfigNode) {
  const authority = validation.at('trusted_ca')
  if (authority.entries().length > 0) return []
  return [
    finding(authority, {
      risk: 'By default Envoy verifies nothing and accepts a forged certificate.',
      fix: 'Set validation_context.trusted_ca to the file of trusted authorities.',
    }),
  ]
}

function named(validation: ConfigNode) {
  const names = validation.at('match_typed_subject_alt_names')
  const isNamed = names.items().length > 0 && names.items().every(isExactName)
  if (isNamed) return []
  return [
    finding(names, {
      risk: 'Any holder of a certificate of a public authority, for any name, can answer in the place of the service.',
      fix: 'Set match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: <host> } }].',
    }),
  ]
}

function isExactName(name: ConfigNode): boolean {
  const matcher = name.at('matcher')
  return (
    ['DNS', 'URI', 'IP_ADDRESS'].includes(name.at('san_type').text ?? '') &&
    matcher.entries().length === 1 &&
    (matcher.at('exact').text ?? '') !== ''
  )
}

function lax(context: ConfigNode, validation: ConfigNode) {
  return [
    ...unlessOneOf([validation.at('trust_chain_verification')], [undefined, 'VERIFY_TRUST_CHAIN'], {
      risk: 'Envoy also accepts an untrusted certificate.',
      fix: 'Remove trust_chain_verification.',
    }),
    ...unlessOneOf(
      [validation.at('allow_expired_certificate'), context.at('allow_renegotiation')],
      [undefined, false],
      { risk: 'Envoy accepts a certificate whose key others may know.', fix: 'Remove the field.' },
    ),
    ...unlessOneOf(
      [context.at('common_tls_context', 'tls_params', 'tls_minimum_protocol_version')],
      [undefined, 'TLSv1_2', 'TLSv1_3'],
      {
        risk: 'Versions of TLS before 1.2 are broken.',
        fix: 'Set tls_minimum_protocol_version to TLSv1_2 or TLSv1_3.',
      },
    ),
  ]
}
