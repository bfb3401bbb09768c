import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeLocalSecrets, type LocalSecrets } from './local-secrets.ts'

/** For the owner only: a reader of these keys and the store could act for every user. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

const fileSchema = z.strictObject({
  origin: z.string(),
  signingKeys: z.string(),
  sealingKeys: z.string(),
  /** Absent in files of earlier releases. */
  auditKeys: z.string().optional(),
  publicKeys: z.string(),
  clientSecret: z.string(),
})

/**
 * Returns the secrets of the last run, or makes and saves new ones. Keys are bound to an origin: with another origin,
 * users sign in again.
 */
export async function keptSecrets(folder: string, origin: string): Promise<LocalSecrets> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  await chmod(folder, FOLDER_MODE)
  const file = join(folder, 'secrets.json')
  const kept = await read(file)
  const made = makeLocalSecrets(origin)
  const secrets = kept?.origin === origin ? { ...kept, auditKeys: kept.auditKeys ?? made.auditKeys } : made
  await write(file, { ...secrets, origin })
  return secrets
}

/** Undefined if the file is missing or invalid. */
async function read(file: string): Promise<z.output<typeof fileSchema> | undefined> {
  try {
    return fileSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Renames last, so that the file is never there in part. */
async function write(file: string, content: z.output<typeof fileSchema>): Promise<void> {
  const unfinished = `${file}.new`
  await writeFile(unfinished, JSON.stringify(content), { mode: FILE_MODE })
  await chmod(unfinished, FILE_MODE)
  await rename(unfinished, file)
}
