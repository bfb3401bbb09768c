import { randomUUID, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { chainKey, readLine, withoutPerson, type LineParts } from '../../../core/audit/chain.ts'
import type { Environment } from '../../../core/config/environment.ts'
import type { KeyRing } from '../../../core/keys/keys.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { requireAuditKeys } from './audit-keys.ts'
import { readLines } from './read-lines.ts'

const HELP = `audit remove-person NAME FILE... [--json]
    removes the personal data of a user (NAME: Quilt user name or e-mail address) from files of the audit
    log. The files are replaced, and audit verify still proves them. Needs CONNECT_ORIGIN and AUDIT_KEYS.
    FILE       files of the audit log; none that is still written to
    --json     prints the result as JSON
    exit code  0: done; 1: no line names the user; 2: the command could not be run`

/** Readable by the operator only, as the audit log. */
const FILE_MODE = 0o600

export const removePerson: Command = { help: HELP, run: remove }

async function remove(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, { json: { type: 'boolean', default: false } })
  const [name, ...files] = positionals
  if (name === undefined || files.length === 0) {
    throw new UsageError(`name the user and at least one file\n\n${HELP}`)
  }
  const ring = requireAuditKeys(environment)
  const keyIds = await keyIdsIn(files)
  const emptied: { readonly file: string; readonly lines: number }[] = []
  for (const file of files) emptied.push({ file, lines: await emptyFile(file, name, { ring, keyIds }) })
  const total = emptied.reduce((sum, { lines }) => sum + lines, 0)
  const text = values.json
    ? JSON.stringify({ lines: total, files: emptied })
    : emptied.map(({ file, lines }) => `${file}: personal data removed from ${lines} lines`).join('\n')
  return { text, exitCode: total > 0 ? 0 : 1 }
}

/** Which key a process used is in its first line and its checkpoints. */
async function keyIdsIn(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const keyIds = new Map<string, string>()
  for (const file of files) {
    await readLines(file, (text) => {
      const { process, anchor } = readLine(text)?.place ?? {}
      if (process !== undefined && anchor !== undefined) keyIds.set(process, anchor.key)
    })
  }
  return keyIds
}

interface Keys {
  readonly ring: KeyRing
  readonly keyIds: ReadonlyMap<string, string>
}

/** @returns how many lines it emptied */
async function emptyFile(file: string, name: string, keys: Keys): Promise<number> {
  const copy = `${file}.${randomUUID()}`
  const output = createWriteStream(copy, { mode: FILE_MODE })
  let emptied = 0
  try {
    await once(output, 'open')
    await readLines(file, (text, _lineNumber, header) => {
      const parts = readLine(text)
      const isTheirs = parts !== undefined && names(parts, name)
      if (isTheirs) emptied += 1
      output.write(`${header}${isTheirs ? withoutPerson(keyOf(parts, keys), parts) : text}\n`)
    })
    output.end()
    await once(output, 'close')
    if (emptied > 0) await rename(copy, file)
  } finally {
    await rm(copy, { force: true })
  }
  return emptied
}

function names({ personal }: LineParts, name: string): boolean {
  if (personal === undefined) return false
  const { userIdentity } = JSON.parse(personal) as {
    readonly userIdentity?: { readonly userName?: string; readonly email?: string } | null
  }
  return userIdentity?.userName === name || userIdentity?.email === name
}

/** @throws UsageError */
function keyOf({ place }: LineParts, { ring, keyIds }: Keys): KeyObject {
  const keyId = keyIds.get(place.process)
  const key = ring.all.find(({ id }) => id === keyId)
  if (key !== undefined) return chainKey(ring, key)
  throw new UsageError(
    keyId === undefined
      ? `no line says which key the process ${place.process} used: give the file with its first line too`
      : `key ${keyId} is not in AUDIT_KEYS: add it with the use "accept"`,
  )
}
