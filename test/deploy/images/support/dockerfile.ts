import { readFileSync } from 'node:fs'

const FILE = new URL('../../../../deploy/images/Dockerfile', import.meta.url)

interface Instruction {
  readonly name: string
  readonly text: string
}

export interface Target {
  /** The last USER. */
  readonly user: string
  readonly volumes: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
  /** The texts of one instruction, in order. */
  all(name: string): readonly string[]
}

const INSTRUCTIONS = readFileSync(FILE, 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .flatMap((line): Instruction[] => {
    const [, name, text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, text: text.replaceAll(/ +/g, ' ') }]
  })

/** Defaults of the ARG instructions. */
export const ARGUMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  INSTRUCTIONS.filter(({ name }) => name === 'ARG').map(({ text }) => text.split('=', 2) as [string, string]),
)

/** A stage with what it inherits from the stages before it. */
export function readTarget(stage: string): Target {
  const instructions = instructionsOf(stage)
  const all = (name: string): string[] =>
    instructions.filter((each) => each.name === name).map(({ text }) => text)
  const list = (name: string): readonly string[] => {
    const text = all(name).at(-1) ?? '[]'
    return JSON.parse(text.slice(text.indexOf('['))) as string[]
  }
  return {
    user: all('USER').at(-1) ?? 'root',
    volumes: list('VOLUME'),
    entrypoint: list('ENTRYPOINT'),
    command: list('CMD'),
    healthCheck: list('HEALTHCHECK'),
    all,
  }
}

function instructionsOf(stage: string): Instruction[] {
  const from = INSTRUCTIONS.findIndex(({ name, text }) => name === 'FROM' && text.endsWith(` AS ${stage}`))
  const [base = ''] = INSTRUCTIONS[from]?.text.split(' ') ?? []
  if (from === -1) return []
  const after = INSTRUCTIONS.slice(from + 1)
  const end = after.findIndex(({ name }) => name === 'FROM')
  return [...instructionsOf(base), ...after.slice(0, end === -1 ? undefined : end)]
}
