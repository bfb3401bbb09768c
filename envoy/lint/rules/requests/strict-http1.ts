import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const LENIENT = [
  'accept_http_10',
  'default_host_for_http_10',
  'enable_trailers',
  'allow_chunked_length',
  'allow_custom_methods',
  'send_fully_qualified_url',
]

export const rule: Rule = {
  holds: 'an HTTP/1 request has one length, one host and a known method',
  check: ({ managers, root }) =>
    unlessOneOf(
      [
        ...managers.map(({ node }) => node.at('http_protocol_options')),
        ...root
          .at('static_resources', 'clusters')
          .items()
          .flatMap((cluster) => cluster.at('typed_extension_protocol_options').entries())
          .map(([, options]) => options.at('explicit_http_config', 'http_protocol_options')),
      ].flatMap((options) => LENIENT.map((name) => options.at(name))),
      [undefined, false],
      {
        risk: 'Envoy and the service may read two different requests in the same bytes (request smuggling).',
        fix: 'Remove the field.',
      },
    ),
}
