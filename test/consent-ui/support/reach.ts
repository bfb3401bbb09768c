import type { Reach } from '../../../consent-ui/clients/fetch-json.ts'

/** No name resolves, so tests reach only this computer. */
export const NO_NETWORK: Reach = {
  resolve: () => Promise.reject(new Error('tests have no name server')),
  isForbidden: () => true,
  timeoutMs: 1000,
}
