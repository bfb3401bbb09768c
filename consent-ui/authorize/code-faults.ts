import type { PastedCodeOutcome } from '../metrics/consent-ui-metrics.ts'
import { en } from '../pages/texts/en/en.ts'

export interface CodeFault {
  /** For the metrics. */
  readonly outcome: PastedCodeOutcome
  readonly status: number
  /** For the user: what is wrong and what to do. The user may paste again. */
  readonly text: string
}

export const CODE_FAULTS = {
  noCode: {
    outcome: 'malformed',
    status: 422,
    text: en.code.faults.noCode,
  },
  refused: {
    outcome: 'refused',
    status: 422,
    text: en.code.faults.refused,
  },
  inactive: {
    outcome: 'refused',
    status: 403,
    text: en.code.faults.inactive,
  },
  unavailable: {
    outcome: 'unavailable',
    status: 503,
    text: en.code.faults.unavailable,
  },
  anotherPerson: (emails: { belongsTo: string; wanted: string }): CodeFault => ({
    outcome: 'another_user',
    status: 403,
    text: en.code.faults.anotherPerson(emails),
  }),
} as const
