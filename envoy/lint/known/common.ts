import { each, type Fields } from './fields.ts'

/** Messages that occur everywhere: envoy/config/core/v3 and envoy/type. */
export const COMMON: Readonly<Record<string, Fields>> = {
  Address: { socket_address: 'SocketAddress', pipe: 'Pipe' },
  SocketAddress: each('value', 'protocol address port_value ipv4_compat'),
  Pipe: each('value', 'path mode'),
  Extension: { name: 'value', typed_config: 'typed' },
  StringMatcher: { ...each('value', 'exact prefix suffix contains ignore_case'), safe_regex: 'RegexMatcher' },
  ListStringMatcher: { patterns: 'StringMatcher[]' },
  RegexMatcher: { regex: 'value', google_re2: 'anything' },
  HeaderMatcher: {
    ...each('value', 'name present_match invert_match treat_missing_header_as_empty'),
    string_match: 'StringMatcher',
    range_match: 'Range',
  },
  Range: each('value', 'start end'),
  HeaderOption: { ...each('value', 'append append_action keep_empty_value'), header: 'HeaderPair' },
  HeaderPair: each('value', 'key value'),
  DataSource: each('value', 'filename inline_string inline_bytes'),
  // Without filename and environment variables, which may hold secrets.
  InlineText: { inline_string: 'value' },
  HttpStatus: { code: 'value' },
  RuntimePercent: { default_value: 'Percent', runtime_key: 'value' },
  Percent: each('value', 'numerator denominator'),
  MutationRules: {
    ...each('value', 'disallow_all disallow_system disallow_is_error allow_all_routing allow_envoy'),
    ...each('RegexMatcher', 'allow_expression disallow_expression'),
  },
  GrpcService: {
    envoy_grpc: 'EnvoyGrpc',
    google_grpc: 'anything',
    timeout: 'value',
    initial_metadata: 'HeaderPair[]',
  },
  EnvoyGrpc: each('value', 'cluster_name authority max_receive_message_length skip_envoy_headers'),
  TokenBucket: each('value', 'max_tokens tokens_per_fill fill_interval'),
}
