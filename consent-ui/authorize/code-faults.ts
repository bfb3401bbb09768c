import type { PastedCodeOutcome } from '../metrics/consent-ui-metrics.ts'

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
    text: 'This is not a one-time code. Copy the whole code that Quilt shows, and paste it here.',
  },
  refused: {
    outcome: 'refused',
    status: 422,
    text: 'Quilt did not accept this code. A code works once and expires after ten minutes. Get a new one. If Quilt refuses that too, ask your Quilt administrator whether your account is active.',
  },
  inactive: {
    outcome: 'refused',
    status: 403,
    text: 'Quilt does not accept this account. Ask your Quilt administrator whether it is active, then paste a new code.',
  },
  unavailable: {
    outcome: 'unavailable',
    status: 503,
    text: 'Quilt could not check this code just now. Paste the code again in a moment. If Quilt refuses it, get a new one.',
  },
  anotherPerson: ({ belongsTo, wanted }: { belongsTo: string; wanted: string }): CodeFault => ({
    outcome: 'another_user',
    status: 403,
    text: `This code belongs to ${belongsTo}, and you are signed in as ${wanted}. Sign in to Quilt as ${wanted} and get a code there; or cancel, and connect again as ${belongsTo}.`,
  }),
} as const
