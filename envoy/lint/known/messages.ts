import { AUTHZ } from './authz.ts'
import { BOOTSTRAP } from './bootstrap.ts'
import { CLUSTERS } from './clusters.ts'
import { COMMON } from './common.ts'
import type { Fields } from './fields.ts'
import { HTTP } from './http.ts'
import { ROUTING } from './routing.ts'

const MESSAGES: ReadonlyMap<string, Fields> = new Map(
  [COMMON, BOOTSTRAP, HTTP, AUTHZ, ROUTING, CLUSTERS].flatMap((messages) => Object.entries(messages)),
)

/** The known fields of a message, by its name here or its protobuf type. */
export function fieldsOf(message: string): ReadonlyMap<string, string> | undefined {
  const fields = MESSAGES.get(message)
  return fields === undefined ? undefined : new Map(Object.entries(fields))
}
