import { z } from 'zod'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { askingMe } from '../../core/quilt/graphql-me.ts'
import { REGISTRY_BOUNDS, registryUnavailable } from './ask-registry.ts'

export interface QuiltUser {
  readonly name: string
  readonly email: string
  /** An administrator of the Quilt stack, at the moment of the question. */
  readonly isAdmin: boolean
}

/** @returns undefined if the Registry refuses the credential. @throws Unavailable */
export type AskQuiltUser = (credential: string) => Promise<QuiltUser | undefined>

/** Asks the Registry whose credential it is and whether they are an administrator. Answers are not cached. */
export function askingQuiltUser(registryUrl: URL, observer?: RequestObserver): AskQuiltUser {
  const members = { name: z.string().min(1), email: z.string().min(1), isAdmin: z.boolean() }
  const ask = askingMe(registryUrl, members, { bounds: REGISTRY_BOUNDS, observer })
  return async (credential) => await ask(credential).catch(registryUnavailable)
}
