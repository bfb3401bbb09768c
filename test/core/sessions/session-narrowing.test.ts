import { onEachStore } from '../../support/each-store.ts'
import { sessionNarrowingContract } from '../../support/session-narrowing-contract.ts'

onEachStore('Narrowing a session', sessionNarrowingContract)
