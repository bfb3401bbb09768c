import { onEachStore } from '../../support/store/each-store.ts'
import { sessionRenewalContract } from '../../support/store-contract/session-renewal.ts'

onEachStore('Renewing in the store of sessions', sessionRenewalContract)
