import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from '../../../core/config/environment.ts'
import type { EdgeConfig } from '../../../envoy/config.ts'
import { readEnvoyConfig } from '../../../envoy/lint/config/read-config.ts'
import { lint } from '../../../envoy/lint/lint.ts'
import {
  CHECKED_ON,
  compareReleases,
  NEWEST_PATCHES,
  newestPatchOf,
  vulnerabilitiesOf,
} from '../../../envoy/releases/envoy-releases.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { aboutPart, type Finding, type Probe } from './finding.ts'

const VERSION = /\/(\d+\.\d+\.\d+)\//
const DAY_MS = 86_400_000
/** Envoy's security releases come every few weeks. */
const MAX_LIST_AGE_DAYS = 90

const { ok, warning, fault, skipped } = aboutPart('envoy')

/** Runs the linter over the configuration that Envoy would get. */
export function lintFindings(config: EdgeConfig): readonly Finding[] {
  const { findings, holding } = lint(readEnvoyConfig(renderEnvoyConfig(config)))
  if (findings.length === 0) return [ok(`${holding} rules of the linter hold`)]
  return findings.map(({ rule, where, risk, fix }) => fault(`${rule} at ${where}: ${risk}`, fix))
}

/** The version of the binary that ENVOY_BIN names, or of the one on PATH, against the repository's dated list. */
export function envoyProbe({ ENVOY_BIN: named }: Environment): Probe {
  const isNamed = named !== undefined && named !== ''
  return {
    part: 'envoy',
    fix: 'compare ENVOY_BIN with the path of Envoy',
    ask: async ({ signal }) => {
      try {
        const { stdout } = await promisify(execFile)(isNamed ? named : 'envoy', ['--version'], { signal })
        return releaseFindings(VERSION.exec(stdout)?.[1] ?? '', Date.now())
      } catch (error) {
        if (isNamed || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        return [skipped('no Envoy here, so its version was not checked; ENVOY_BIN names one')]
      }
    },
  }
}

export function releaseFindings(version: string, nowMs: number): readonly Finding[] {
  if (version === '')
    return [fault('the binary tells no version', 'compare ENVOY_BIN with the path of Envoy')]
  const newest = newestPatchOf(version)
  const update = `update Envoy to ${newest ?? NEWEST_PATCHES[0]} or later`
  const known = vulnerabilitiesOf(version).map(({ id, what }) =>
    fault(`${version} has ${id}: ${what}`, update),
  )
  const days = Math.floor((nowMs - Date.parse(CHECKED_ON)) / DAY_MS)
  return [
    ...known,
    ...(known.length > 0 ? [] : [patchFinding(version, newest, update)]),
    ...listFindings(days),
  ]
}

function patchFinding(version: string, newest: string | undefined, update: string): Finding {
  if (newest === undefined && compareReleases(version, NEWEST_PATCHES[0]) < 0) {
    return fault(`${version} gets no security patches any more`, update)
  }
  if (newest !== undefined && compareReleases(version, newest) < 0) {
    return warning(`${version} is not the newest patch of its line`, update)
  }
  return ok(`${version}, no known vulnerability as of ${CHECKED_ON}`)
}

function listFindings(days: number): Finding[] {
  if (days <= MAX_LIST_AGE_DAYS) return []
  return [
    warning(
      `the list of vulnerabilities is ${days} days old`,
      'update Connect, or read https://github.com/envoyproxy/envoy/security/advisories',
    ),
  ]
}
