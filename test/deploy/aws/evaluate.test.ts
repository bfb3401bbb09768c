import assert from 'node:assert/strict'
import { evaluate, PSEUDO_PARAMETERS, type Stack } from './support/evaluate.ts'
import type { Given } from './support/parameter-values.ts'
import { parseTemplate, type Template } from './support/template.ts'

const EMPTY: Template = {
  Metadata: {},
  Parameters: {},
  Rules: {},
  Mappings: {},
  Conditions: {},
  Resources: {},
  Outputs: {},
}

function stackOf(text: string, given: Given = {}): Stack {
  return evaluate({ ...EMPTY, ...parseTemplate(text) }, given)
}

/** The properties of the resource `It` of a template that begins with `text`. */
function propertiesWith(properties: string, text = '', given: Given = {}): unknown {
  return stackOf(`${text}\nResources: { It: { Type: T, Properties: ${properties} } }`, given).resources.It
    ?.Properties
}

const SIZES = 'Mappings: { Sizes: { small: { Cpu: 256 } } }'
const OFF = "Conditions: { On: !Equals ['a', 'b'] }"

describe('The evaluation of a CloudFormation template', () => {
  for (const [what, properties, expected] of [
    ['Ref of a pseudo parameter', '{ a: !Ref AWS::Region }', { a: 'us-east-1' }],
    [
      'Ref and GetAtt of a resource as marks',
      '{ a: !Ref Other, b: !GetAtt Other.B.C }',
      { a: '<Other>', b: '<Other.B.C>' },
    ],
    [
      'Sub with own names and literals',
      "{ a: !Sub ['${x}-${!y}-${Other.Arn}', { x: 1 }] }",
      { a: '1-${y}-<Other.Arn>' },
    ],
    ['Join, Split and Select', "{ a: !Select [1, !Split ['-', !Join ['-', [a, b]]]] }", { a: 'b' }],
    ['FindInMap', '{ a: !FindInMap [Sizes, small, Cpu] }', { a: 256 }],
    [
      'If with AWS::NoValue in lists and objects',
      '{ a: [!If [On, 1, !Ref AWS::NoValue]], b: !If [On, 1, !Ref AWS::NoValue] }',
      { a: [] },
    ],
  ] as const) {
    it(`fills in ${what}`, () => {
      const text = `${SIZES}\n${OFF}\nResources: { It: { Type: T, Properties: ${properties} }, Other: { Type: T } }`
      assert.deepEqual(stackOf(text).resources.It?.Properties, expected)
    })
  }

  it('decides conditions by And, Or, Not, Equals and other conditions', () => {
    const conditions =
      'Conditions: { A: !Equals [1, "1"], B: !Not [!Condition A], C: !Or [!Condition B, !And [!Condition A, !Condition A]] }'
    const value = '{ a: !If [A, 1, 2], b: !If [B, 1, 2], c: !If [C, 1, 2] }'
    assert.deepEqual(propertiesWith(value, conditions), { a: 1, b: 2, c: 1 })
  })

  it('splits lists at commas and reads numbers', () => {
    const parameters = 'Parameters: { L: { Type: CommaDelimitedList }, N: { Type: Number, Default: 3 } }'
    assert.deepEqual(propertiesWith('{ l: !Ref L, n: !Ref N }', parameters, { L: 'a, b' }), {
      l: ['a', 'b'],
      n: 3,
    })
  })

  for (const [what, text, given, reason] of [
    [
      'a reference to a resource that is not created',
      `${OFF}\nResources: { A: { Type: T, Condition: On }, B: { Type: T, Properties: { a: !Ref A } } }`,
      {},
      /condition of the resource is false/,
    ],
    [
      'a reference to an unknown name',
      'Resources: { A: { Type: T, Properties: { a: !Ref B } } }',
      {},
      /there is no resource/,
    ],
    [
      'resources that need each other',
      'Resources: { A: { Type: T, DependsOn: B }, B: { Type: T, Properties: { a: !Ref A } } }',
      {},
      /circular: A → B → A/,
    ],
    [
      'Select beyond the end',
      'Resources: { A: { Type: T, Properties: { a: !Select [2, [1, 2]] } } }',
      {},
      /no item 2/,
    ],
    [
      'text that is a list',
      "Resources: { A: { Type: T, Properties: { a: !Sub ['${x}', { x: [1] }] } } }",
      {},
      /is not text/,
    ],
    ['a missing parameter', 'Parameters: { A: { Type: String } }\nResources: {}', {}, /A must have a value/],
    ['an unknown parameter', 'Resources: {}', { A: '1' }, /no parameter A/],
    [
      'a value beside the pattern',
      "Parameters: { A: { Type: String, AllowedPattern: '[a-z]+' } }\nResources: {}",
      { A: 'a1' },
      /A: "a1" is not accepted/,
    ],
    [
      'a number that is too large',
      'Parameters: { A: { Type: Number, MaxValue: 9 } }\nResources: {}',
      { A: '10' },
      /is not accepted/,
    ],
    [
      'a broken rule, by its description',
      "Parameters: { A: { Type: String, Default: '' } }\nRules: { R: { Assertions: [{ AssertDescription: set A, Assert: !Not [!Equals [!Ref A, '']] }] } }\nResources: {}",
      {},
      /set A/,
    ],
    ['an anchor', 'Resources: { A: { Type: T, Properties: { a: &x 1, b: *x } } }', {}, /alias/i],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => stackOf(text, given), reason)
    })
  }

  it('takes other pseudo parameters', () => {
    const template = { ...EMPTY, ...parseTemplate('Outputs: { A: { Value: !Ref AWS::Region } }') }
    const stack = evaluate(template, {}, { ...PSEUDO_PARAMETERS, 'AWS::Region': 'eu-central-1' })
    assert.deepEqual(stack.outputs, { A: 'eu-central-1' })
  })
})
