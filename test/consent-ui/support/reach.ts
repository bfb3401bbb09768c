import type { Reach } from '../../../consent-ui/clients/fetch-json.ts'

/** Tests reach nothing beyond this machine: no name has an address. */
export const NO_NETWORK: Reach = {
  resolve: () => Promise.reject(new Error('tests have no name server')),
  isForbidden: () => true,
  timeoutMs: 1000,
}
