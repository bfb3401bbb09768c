import {
  FORWARDING_HEADERS,
  IDENTITY_HEADERS,
  TRACE_CONTEXT_HEADERS,
} from '../../../../core/http/reserved-headers.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { EARLY_MUTATION, typeNamed } from '../../config/types.ts'

const RESERVED = [IDENTITY_HEADERS, FORWARDING_HEADERS, TRACE_CONTEXT_HEADERS]

export const rule: Rule = {
  holds:
    'headers that claim a user, an address, a path, a method or a trace are removed before anything reads them',
  check: ({ managers }) =>
    managers.flatMap(({ node }) => {
      const extensions = node.at('early_header_mutation_extensions')
      const mutations = mutationsOf(extensions)
      return [...missing(extensions, mutations), ...added(mutations)]
    }),
}

function mutationsOf(extensions: ConfigNode): readonly ConfigNode[] {
  return extensions
    .items()
    .map((extension) => extension.at('typed_config'))
    .filter((config) => typeNamed(config.at('@type').text) === EARLY_MUTATION)
    .flatMap((config) => config.at('mutations').items())
}

function missing(extensions: ConfigNode, mutations: readonly ConfigNode[]) {
  const removed = mutations.map((mutation) => mutation.at('remove').text?.toLowerCase())
  const prefixes = mutations
    .map((mutation) => mutation.at('remove_on_match', 'key_matcher'))
    .filter((matcher) => matcher.entries().length === 1)
    .map((matcher) => matcher.at('prefix').text)
    .filter((prefix) => prefix !== undefined)
  const hasPrefixOf = (start: string): boolean => prefixes.some((prefix) => start.startsWith(prefix))
  return [
    ...RESERVED.flatMap(({ prefixes: starts }) => starts)
      .filter((start) => !hasPrefixOf(start))
      .map((start) =>
        advise(extensions, `${start}*`, `remove_on_match: { key_matcher: { prefix: ${start} } }`),
      ),
    ...RESERVED.flatMap(({ names }) => names)
      .filter((name) => !removed.includes(name) && !hasPrefixOf(name))
      .map((name) => advise(extensions, name, `remove: ${name}`)),
  ]
}

function advise(extensions: ConfigNode, header: string, mutation: string) {
  return finding(extensions, {
    risk: `A service behind Envoy may believe a client that sends ${header}.`,
    fix: `Add ${mutation} to mutations.`,
  })
}

function added(mutations: readonly ConfigNode[]) {
  return mutations
    .filter((mutation) => !mutation.at('remove').exists && !mutation.at('remove_on_match').exists)
    .map((mutation) =>
      finding(mutation, {
        risk: 'authz and the service read a header that is added here as if the client had sent it.',
        fix: 'Use only remove and remove_on_match in mutations.',
      }),
    )
}
