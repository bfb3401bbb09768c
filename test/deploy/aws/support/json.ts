export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** @throws TypeError if a function of the template yields a list or an object where CloudFormation needs text */
export function textFrom(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  throw new TypeError(`${JSON.stringify(value)} is not text`)
}

/** @throws TypeError if it is not a list */
export function listFrom(value: Json | undefined): readonly Json[] {
  if (isList(value)) return value
  throw new TypeError(`${JSON.stringify(value)} is not a list`)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !isList(value)
}
