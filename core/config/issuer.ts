import { onOrOff } from './settings.ts'

/**
 * How the issuer is written. Off, it is the bare origin. On, it carries its port even where that is the scheme's
 * own (`https://connect.example.com:443`), as Databricks needs and Quilt's own documents show.
 */
export const issuerVariables = {
  ISSUER_EXPLICIT_PORT: onOrOff,
}

const DEFAULT_PORTS = new Map([
  ['https:', '443'],
  ['http:', '80'],
])

/** The issuer of a Connect host, byte for byte as in documents, tokens and answers; audiences never carry the port. */
export function issuerOf(origin: string, { explicitPort }: { readonly explicitPort: boolean }): string {
  const { protocol, port } = new URL(origin)
  if (!explicitPort || port !== '') return origin
  return `${origin}:${DEFAULT_PORTS.get(protocol) ?? ''}`
}
