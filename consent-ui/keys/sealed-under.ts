import { parseJson } from '../../core/http/parse-json.ts'

const SEALED = /^([a-z0-9-]{1,16})\.[A-Za-z0-9_-]+$/

/** Ids of the sealing keys of a Redis value: a sealed value, or JSON with `sealed…` members or a `mac`. */
export function keysSealing(value: string): readonly string[] {
  const [, keyId] = SEALED.exec(value) ?? []
  return keyId === undefined ? membersSealed(value) : [keyId]
}

/** Id of the sealing key that signs a link of this Connect host. */
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
