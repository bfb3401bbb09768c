import { finding } from '../../finding.ts'
import { NEVER_FROM_OUTSIDE } from '../../identity-headers.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { EARLY_MUTATION, typeNamed } from '../../types.ts'

export const identityStripped: Rule = {
  name: 'identity-stripped',
  holds: 'headers that say who asks, or for what else, are taken off before anything looks at a request',
  check: ({ managers }) =>
    managers.flatMap(({ spot }) => {
      const extensions = spot.at('early_header_mutation_extensions')
      const mutations = mutationsOf(extensions)
      return [...missing(extensions, mutations), ...added(mutations)]
    }),
}

function mutationsOf(extensions: Spot): readonly Spot[] {
  return extensions
    .items()
    .map((extension) => extension.at('typed_config'))
    .filter((config) => typeNamed(config.at('@type').text) === EARLY_MUTATION)
    .flatMap((config) => config.at('mutations').items())
}

function missing(extensions: Spot, mutations: readonly Spot[]) {
  const names = mutations.map((mutation) => mutation.at('remove').text?.toLowerCase())
  const prefixes = mutations
    .map((mutation) => mutation.at('remove_on_match', 'key_matcher'))
    .filter((matcher) => matcher.entries().length === 1)
    .map((matcher) => matcher.at('prefix').text)
    .filter((prefix) => prefix !== undefined)
  const isStripped = (header: string): boolean =>
    names.includes(header) || prefixes.some((prefix) => header.startsWith(prefix))
  return NEVER_FROM_OUTSIDE.filter((header) => !isStripped(header)).map((header) =>
    finding(extensions, {
      risk: `A client that sends ${header} is believed by whoever reads it behind the gate.`,
      fix: header.endsWith('*')
        ? `Add remove_on_match: { key_matcher: { prefix: ${header.slice(0, -1)} } } to the early header mutation.`
        : `Add remove: ${header} to the early header mutation.`,
    }),
  )
}

function added(mutations: readonly Spot[]) {
  return mutations
    .filter((mutation) => !mutation.at('remove').exists && !mutation.at('remove_on_match').exists)
    .map((mutation) =>
      finding(mutation, {
        risk: 'A header that is added here reaches authz and the service as if the client had sent it.',
        fix: 'Only remove and remove_on_match here.',
      }),
    )
}
