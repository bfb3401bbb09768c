import { isObject, type Json } from './json.ts'

/** Decides of a log line, as CloudWatch does for a JSON pattern of a metric filter. */
export type FilterPattern = (line: string) => boolean

type Test = (entry: Json) => boolean

const TOKEN = /\s*(\(|\)|&&|\|\||!=|>=|<=|=|>|<|\$(?:\.\w+)+|"[^"]*"|-?\d+)/y

/**
 * The part of the syntax that the template uses: `{ $.a = "text*" && ($.b >= 1 || …) }`.
 *
 * @throws Error for any other syntax
 */
export function parseFilterPattern(pattern: string): FilterPattern {
  const [, inner] = /^\{(.*)\}$/s.exec(pattern) ?? []
  if (inner === undefined) throw new Error(`${pattern}: not a JSON pattern`)
  const tokens = tokensOf(inner.trim())
  const test = readAny(tokens)
  if (tokens.length > 0) throw new Error(`${pattern}: ${tokens.join(' ')} is left over`)
  return (line) => test(JSON.parse(line) as Json)
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const [, token] = TOKEN.exec(text) ?? []
    if (token === undefined) throw new Error(`${text}: not understood from ${text.slice(at)}`)
    tokens.push(token)
  }
  return tokens
}

/** && binds more closely than ||. */
function readAny(tokens: string[]): Test {
  const tests = [readAll(tokens)]
  while (tokens[0] === '||') {
    tokens.shift()
    tests.push(readAll(tokens))
  }
  return (entry) => tests.some((test) => test(entry))
}

function readAll(tokens: string[]): Test {
  const tests = [readOne(tokens)]
  while (tokens[0] === '&&') {
    tokens.shift()
    tests.push(readOne(tokens))
  }
  return (entry) => tests.every((test) => test(entry))
}

function readOne(tokens: string[]): Test {
  const token = tokens.shift() ?? ''
  if (token === '(') {
    const test = readAny(tokens)
    if (tokens.shift() !== ')') throw new Error('a parenthesis is not closed')
    return test
  }
  const [operator = '', value = ''] = tokens.splice(0, 2)
  return (entry) => holds(memberOf(entry, token), operator, value)
}

function memberOf(entry: Json, selector: string): Json | undefined {
  const names = selector.split('.').slice(1)
  return names.reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), entry)
}

function holds(member: Json | undefined, operator: string, value: string): boolean {
  if (value.startsWith('"')) return operator === '=' && isLike(member, value.slice(1, -1))
  // CloudWatch compares numbers only, not texts of digits.
  return typeof member === 'number' && operator === '>=' && member >= Number(value)
}

function isLike(member: Json | undefined, text: string): boolean {
  if (typeof member !== 'string') return false
  const [start = '', ...rest] = text.split('*')
  const end = rest.at(-1)
  if (end === undefined) return member === text
  // The template has a wildcard at one end only.
  return member.startsWith(start) && member.endsWith(end)
}
