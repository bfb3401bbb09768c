import { z } from 'zod'
import { when, type Rule } from '../support/rule.ts'
import type { Template } from '../support/template.ts'

const groups = z.object({
  'AWS::CloudFormation::Interface': z.object({
    ParameterGroups: z.array(
      z.object({ Label: z.object({ default: z.string() }), Parameters: z.array(z.string()) }),
    ),
  }),
})
/** Longer descriptions are not read in the console. */
const MAX_DESCRIPTION_CHARACTERS = 260

function usesOf(template: Template): string {
  return JSON.stringify({ ...template, Parameters: {}, Metadata: {} })
}

function isUsed(uses: string, name: string): boolean {
  return uses.includes(`{"Ref":"${name}"}`) || uses.includes(`\${${name}}`)
}

export const PARAMETER_RULES: readonly Rule[] = [
  {
    title: 'shows every parameter in one group of the console, with a description',
    problems: (_stack, { Metadata: metadata, Parameters: parameters }) => {
      const { ParameterGroups: shown } = groups.parse(metadata)['AWS::CloudFormation::Interface']
      const grouped = shown.flatMap((group) => group.Parameters)
      return [
        ...Object.keys(parameters).filter((name) => grouped.filter((each) => each === name).length !== 1),
        ...grouped.filter((name) => !(name in parameters)),
        ...Object.entries(parameters).flatMap(([name, { Description: text = '' }]) =>
          when([
            text === '' || text.length > MAX_DESCRIPTION_CHARACTERS,
            `${name}: ${text.length} characters`,
          ]),
        ),
      ]
    },
    mutants: [
      {
        what: 'a parameter in no group',
        at: 'Parameters/Another',
        to: { Type: 'String', Default: '', Description: 'x' },
      },
      { what: 'a group names what is not there', at: 'Parameters/LogLevel', to: undefined },
      { what: 'no description', at: 'Parameters/VPC/Description', to: undefined },
    ],
  },
  {
    title: 'uses every parameter, condition and mapping',
    problems: (_stack, template) => {
      const uses = usesOf(template)
      return [
        ...Object.keys(template.Parameters).filter((name) => !isUsed(uses, name)),
        ...Object.keys(template.Conditions).filter(
          (name) => !new RegExp(`(Condition":|If":\\[)"${name}"`).test(uses),
        ),
        ...Object.keys(template.Mappings).filter((name) => !uses.includes(`{"Fn::FindInMap":["${name}",`)),
      ]
    },
    mutants: [
      {
        what: 'an unused parameter',
        at: 'Parameters/Another',
        to: { Type: 'String', Default: '', Description: 'x' },
      },
      { what: 'an unused condition', at: 'Conditions/Another', to: { 'Fn::Equals': ['a', 'b'] } },
      { what: 'an unused mapping', at: 'Mappings/Another', to: { a: { b: 'c' } } },
    ],
  },
]
