import { onEachStore } from '../../support/each-store.ts'
import { sessionRenewalContract } from '../../support/session-renewal-contract.ts'

onEachStore('Renewing in the store of sessions', sessionRenewalContract)
