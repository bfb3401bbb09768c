import { CUSTOM_RESPONSE, HEADER_MUTATION, HEADER_TO_METADATA } from './types.ts'

/** Filters that change answers of services. They can't change a request: the fields for it are unknown to the linter. */
export const OF_ANSWERS: readonly string[] = [HEADER_MUTATION, HEADER_TO_METADATA, CUSTOM_RESPONSE]
