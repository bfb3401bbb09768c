import { onEachStore } from '../../support/store/each-store.ts'
import { sessionNarrowingContract } from '../../support/store-contract/session-narrowing.ts'

onEachStore('Narrowing a session', sessionNarrowingContract)
