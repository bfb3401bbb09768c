import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Service } from './service.ts'
import { readServiceList } from './service-list.ts'

const FILE = 'file:'

/** Schema of `CONNECT_SERVICES`: the list itself, or `file:/absolute/path`. */
export const services = z.string().transform((text, context): readonly [Service, ...Service[]] => {
  const list = text.startsWith(`${FILE}/`) ? contentOf(text.slice(FILE.length)) : text
  if (list === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'names a file that cannot be read; check its path and permissions',
    })
    return z.NEVER
  }
  const { success, data, error } = readServiceList(list)
  if (success) return data
  for (const { path, message } of error.issues) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
