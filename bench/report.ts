import type { Held } from './hold-sessions.ts'
import { PEERS, PEERS_MEASURED } from './peers.ts'
import type { Plan } from './plan.ts'
import { ROWS, type Row } from './rows.ts'
import type { Figure, Sample, Samples } from './sample.ts'
import { median } from './statistics.ts'
import { table } from './table.ts'

/** The median of each round's ratio, so that other load affects both sides. */
export function medianRatio(
  samples: Samples,
  figure: Figure,
  [row, base]: readonly [string, string],
): number {
  const below = samplesOf(samples, base)
  const ratios = samplesOf(samples, row).map(
    (sample, round) => sample[figure] / (below[round]?.[figure] ?? NaN),
  )
  return median(ratios)
}

export function describeResults(samples: Samples, plan: Plan, held: Held): string {
  return [absolute(samples), ratios(samples), conclusions(samples, plan, held), peers(samples)].join('\n\n')
}

function absolute(samples: Samples): string {
  const heads = [
    '',
    'p50 ms',
    'p99 ms',
    'req/s',
    'authz CPU',
    'Envoy CPU',
    'authz MiB',
    'Envoy MiB',
    'calls',
    'lists',
    '503s',
  ]
  return table(
    heads,
    ROWS.map((row) => {
      const of = (figure: Figure, digits: number): string =>
        median(samplesOf(samples, row.id).map((sample) => sample[figure])).toFixed(digits)
      const sum = samplesOf(samples, row.id).reduce((total, { unavailable }) => total + unavailable, 0)
      const times = [
        of('p50Ms', 2),
        of('p99Ms', 2),
        of('perSecond', 0),
        of('authzCpuMs', 0),
        of('envoyCpuMs', 0),
      ]
      return [
        row.title,
        ...times,
        of('authzMiB', 0),
        of('envoyMiB', 0),
        of('calls', 2),
        of('listStreams', 2),
        sum.toFixed(0),
      ]
    }),
  )
}

function ratios(samples: Samples): string {
  const figures: readonly Figure[] = ['p50Ms', 'p99Ms', 'perSecond', 'envoyCpuMs', 'envoyMiB']
  return table(
    ['to Envoy alone', 'p50', 'p99', 'req/s', 'Envoy CPU', 'CPU of both', 'Envoy MiB'],
    ROWS.map((row) => {
      const cells = figures.map((figure) => medianRatio(samples, figure, [row.id, 'alone']).toFixed(2))
      return [row.title, ...cells.slice(0, 4), bothCpu(samples, row).toFixed(2), ...cells.slice(4)]
    }),
  )
}

/** Of Envoy and authz together, relative to Envoy alone. */
function bothCpu(samples: Samples, { id }: Row): number {
  const alone = samplesOf(samples, 'alone')
  return median(
    samplesOf(samples, id).map(
      ({ envoyCpuMs, authzCpuMs }, round) => (envoyCpuMs + authzCpuMs) / (alone[round]?.envoyCpuMs ?? NaN),
    ),
  )
}

function conclusions(samples: Samples, plan: Plan, held: Held): string {
  const cpu = (row: string, base: string): string =>
    medianRatio(samples, 'authzCpuMs', [row, base]).toFixed(2)
  const rate = (row: string, base: string): string =>
    medianRatio(samples, 'perSecond', [row, base]).toFixed(2)
  const perSession = ((held.grownMiB * 1024) / held.sessions).toFixed(1)
  return [
    `authz, warm, to the minimal check: CPU ${cpu('warm', 'reference')} (bar: at most 1.30), req/s ${rate('warm', 'reference')}`,
    `with authz's V8 option for both: CPU ${cpu('warm', 'reference-tuned')}, req/s ${rate('warm', 'reference-tuned')}`,
    `${held.sessions} sessions held, to ${plan.warmSessions}: CPU ${cpu('large', 'warm')}, req/s ${rate('large', 'warm')}; ${perSession} KiB of resident memory for each`,
    `${plan.stored} more sessions stored, to none: cold CPU ${cpu('large-cold', 'cold')}, req/s ${rate('large-cold', 'cold')}`,
  ].join('\n')
}

/** authz of this run beside peers of another one, each relative to the minimal check of its own series. */
function peers(samples: Samples): string {
  const ours = (title: string, row: string): string[] => [
    title,
    medianRatio(samples, 'authzCpuMs', [row, 'reference']).toFixed(2),
  ]
  const rows = [
    ours('authz, warm check', 'warm'),
    ours('authz, cold check', 'cold'),
    ...PEERS.map(([title, ratio]) => [title, ratio.toFixed(2)]),
  ]
  return `${table(['CPU per check, to the minimal check', 'ratio'], rows)}\nPeers: ${PEERS_MEASURED}`
}

function samplesOf(samples: Samples, row: string): readonly Sample[] {
  return samples.get(row) ?? []
}
