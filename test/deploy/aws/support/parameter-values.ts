import type { Json } from './json.ts'
import type { ParameterDefinition } from './template.ts'

export type Given = Readonly<Record<string, string>>

/**
 * The value of each parameter: the given one, or its default.
 *
 * @throws Error where CloudFormation refuses a value
 */
export function parameterValues(
  definitions: Readonly<Record<string, ParameterDefinition>>,
  given: Given,
): Readonly<Record<string, Json>> {
  for (const name of Object.keys(given)) if (!(name in definitions)) throw new Error(`no parameter ${name}`)
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => {
      const value = given[name] ?? definition.Default
      if (value === undefined) throw new Error(`parameter ${name} must have a value`)
      const text = String(value)
      if (!isAccepted(definition, text)) {
        throw new Error(`parameter ${name}: ${JSON.stringify(text)} is not accepted`)
      }
      return [name, valueOf(definition, text)]
    }),
  )
}

function isAccepted(definition: ParameterDefinition, text: string): boolean {
  const { AllowedValues: values, AllowedPattern: pattern, MaxLength: maxLength = Infinity } = definition
  if (values !== undefined && !values.map(String).includes(text)) return false
  // The whole text must match.
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(text)) return false
  if (text.length > maxLength) return false
  return definition.Type !== 'Number' || isWithin(definition, text)
}

function isWithin(
  { MinValue: min = -Infinity, MaxValue: max = Infinity }: ParameterDefinition,
  text: string,
): boolean {
  const number = Number(text)
  return text.trim() !== '' && number >= min && number <= max
}

function valueOf({ Type: type }: ParameterDefinition, text: string): Json {
  if (type === 'Number') return Number(text)
  const isList = type === 'CommaDelimitedList' || type.startsWith('List<')
  return isList ? text.split(',').map((item) => item.trim()) : text
}
