import assert from 'node:assert/strict'
import { offeredApplications } from '../../../consent-ui/clients/offered-applications.ts'
import { parseAllowedHosts } from '../../../core/clients/allowed-hosts.ts'
import { fingerprintOf, readBlockEntries } from '../../../core/clients/blocked-clients.ts'

const CLAUDE_CODE = 'https://claude.ai/oauth/claude-code-client-metadata'
const EVERYTHING =
  'claude.ai,claude.com,chatgpt.com,localhost,cursor://,vscode.dev,.cloud.databricks.com,.benchling.com'

function offered(allowed: string, blocked: readonly string[] = []): string {
  const controls = { blocked: readBlockEntries(blocked) }
  return offeredApplications({ allowedHosts: parseAllowedHosts(allowed), controls })
    .map(({ name }) => name)
    .join(', ')
}

describe('Set-ups that the pages offer', () => {
  for (const [allowed, names] of [
    [EVERYTHING, 'Claude, ChatGPT, Cursor, Visual Studio Code, Codex, Claude Code, Databricks, Benchling'],
    ['claude.ai', 'Claude'],
    ['claude.com', 'Claude'],
    ['.claude.ai', ''],
    ['claude.ai:8443', ''],
    ['chatgpt.com', 'ChatGPT'],
    ['localhost', 'Cursor, Visual Studio Code, Codex, Claude Code'],
    ['cursor://', 'Cursor'],
    ['vscode.dev', 'Visual Studio Code'],
    ['adb-1.azuredatabricks.net', 'Databricks'],
    ['.databricks.com', 'Databricks'],
    ['acme.benchling.com', 'Benchling'],
    ['benchling.com', ''],
    ['eln.example.com', ''],
  ] as const) {
    it(`are those of ${names === '' ? 'no application' : names} where the operator allows ${allowed}`, () => {
      assert.equal(offered(allowed), names)
    })
  }

  for (const [blocked, names] of [
    ['chatgpt.com', ['ChatGPT', 'Codex']],
    [fingerprintOf(CLAUDE_CODE), ['Claude Code']],
    ['.benchling.com', ['Benchling']],
  ] as const) {
    it(`are not those of ${names.join(' and ')} where the operator blocks ${blocked}`, () => {
      const others = offered(EVERYTHING)
        .split(', ')
        .filter((one) => !names.some((name) => name === one))
      assert.equal(offered(EVERYTHING, [blocked]), others.join(', '))
    })
  }

  it('are still those of Benchling when one of its customers’ hosts is blocked', () => {
    assert.equal(offered(EVERYTHING, ['other.benchling.com']), offered(EVERYTHING))
  })
})
