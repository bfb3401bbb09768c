import {
  ChainVerifier,
  type ChainReport,
  type LinePosition,
  type Verification,
} from '../../../core/audit/verify-chains.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { requireAuditKeys } from './audit-keys.ts'
import { readLines } from './read-lines.ts'

const HELP = `audit verify FILE... [--partial] [--repeats] [--json]
    proves that no line of the audit log before the last checkpoint of its process was changed, removed
    or reordered; else names the first wrong line. Needs CONNECT_ORIGIN and AUDIT_KEYS.
    FILE       files in the order in which they were written; those of several processes may be mixed. Files
               of the services' log may be given too: they tell how many lines there must be.
    --partial  earlier files were deleted: a chain may begin at any checkpoint
    --repeats  a syslog server or collector may hold lines twice: it was sent them again after a lost answer
    --json     prints the result as JSON
    exit code  0: proven; 1: something is wrong; 2: the command could not be run`

export const verifyAudit: Command = { help: HELP, run: verify }

async function verify(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals: files } = readArguments(HELP, args, {
    partial: { type: 'boolean', default: false },
    repeats: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  if (files.length === 0) throw new UsageError(`name at least one file\n\n${HELP}`)
  const verifier = new ChainVerifier({
    keys: requireAuditKeys(environment),
    isPartial: values.partial,
    mayRepeat: values.repeats,
  })
  for (const file of files) {
    await readLines(file, (text, lineNumber) => verifier.read(text, { file, lineNumber }))
  }
  const verification = verifier.result()
  const { chains } = verification
  const isProven = chains.length > 0 && chains.every(isWhole)
  const text = values.json ? JSON.stringify({ isProven, ...verification }, null, 2) : describe(verification)
  return { text, exitCode: isProven ? 0 : 1 }
}

/** A damaged line alone is one after the last checkpoint; before it, it also leaves a gap. */
function isWhole({ fault, provenLines }: ChainReport): boolean {
  return fault === undefined && provenLines > 0
}

function describe({ chains, damaged, otherLines }: Verification): string {
  if (chains.length + damaged.length === 0) return 'no audit lines found'
  const lines = chains.flatMap(describeChain)
  const broken = damaged.map((at) => `${positionOf(at)}: the line was changed or cut short`)
  const others = otherLines === 0 ? [] : [`${otherLines} other lines were skipped`]
  return [...broken, ...lines, ...others].join('\n')
}

function describeChain(chain: ChainReport): string[] {
  const {
    process,
    part = 'unknown service',
    provenLines,
    unprovenLines,
    hasEnded,
    emptiedLines,
    repeatedLines,
    fault,
  } = chain
  const end = hasEnded ? 'ended cleanly' : 'did not end: it runs, crashed, or its end was removed'
  return [
    `${part} ${process}: ${provenLines} lines proven${fault === undefined ? `, ${end}` : ''}`,
    ...(unprovenLines === 0
      ? []
      : [`  ${unprovenLines} lines after the last checkpoint are unproven: others may be missing there`]),
    ...(emptiedLines === 0 ? [] : [`  personal data was removed from ${emptiedLines} lines`]),
    ...(repeatedLines === 0 ? [] : [`  ${repeatedLines} lines are there twice`]),
    ...(fault === undefined
      ? []
      : [
          `  ${fault.at === undefined ? 'at the end' : positionOf(fault.at)}: ${fault.fault}: ${fault.explanation}`,
        ]),
  ]
}

function positionOf({ file, lineNumber }: LinePosition): string {
  return `${file}:${lineNumber}`
}
