import { parseJson } from '../../core/http/parse-json.ts'

const SEALED = /^([a-z0-9-]{1,16})\.[A-Za-z0-9_-]+$/

/** The ids of the sealing keys that a value of the store needs: a sealed value, or JSON with `sealed…` members or a `mac`. */
export function keysSealing(value: string): readonly string[] {
  const [, keyId] = SEALED.exec(value) ?? []
  return keyId === undefined ? membersSealed(value) : [keyId]
}

/** The id of the sealing key that signs a link of this Connect host; undefined for a text that is no such link. */
export function keySigning(link: string, origin: string): string | undefined {
  const { mac, origin: writtenBy } = membersOf(link)
  return writtenBy === origin ? SEALED.exec(String(mac))?.[1] : undefined
}

function membersSealed(text: string): string[] {
  return Object.entries(membersOf(text)).flatMap(([name, member]) => {
    const [, keyId] = SEALED.exec(String(member)) ?? []
    return keyId === undefined || !(name.startsWith('sealed') || name === 'mac') ? [] : [keyId]
  })
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
