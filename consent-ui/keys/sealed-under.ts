import { parseJson } from '../../core/parse-json.ts'

const SEALED = /^([a-z0-9-]{1,16})\.[A-Za-z0-9_-]+$/

/** The ids of the sealing keys that a value of the store needs: a sealed value, or JSON with `sealed…` members. */
export function keysSealing(value: string): readonly string[] {
  const [, keyId] = SEALED.exec(value) ?? []
  return keyId === undefined ? membersSealed(value) : [keyId]
}

function membersSealed(text: string): string[] {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const [, keyId] = SEALED.exec(String(member)) ?? []
    return keyId === undefined || !name.startsWith('sealed') ? [] : [keyId]
  })
}
