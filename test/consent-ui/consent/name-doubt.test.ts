import assert from 'node:assert/strict'
import { displayName } from '../../../consent-ui/clients/client.ts'
import { nameDoubt } from '../../../consent-ui/consent/name-doubt.ts'

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback'
const BENCHLING = 'https://tenant.benchling.com/1/api/llm/mcp/oauth/callback'
const HERE = 'http://localhost:33418/callback'

const doubtOf = (name: string, uri = HERE) => nameDoubt(displayName(name), new URL(uri), 'registration')

describe('B13: a name that looks like a protected name', () => {
  for (const [name, of] of [
    ['\u0421laude', 'Claude'],
    ['Cl\u0430ud\u0435', 'Claude'],
    ['\u13dflaude', 'Claude'],
    ['CIaude', 'Claude'],
    ['C1aude Code', 'Claude'],
    ['Cl\u00e0ude', 'Claude'],
    ['Cla\u200bude', 'Claude'],
    ['C l a u d e', 'Claude'],
    ['\ud835\udc02\ud835\udc25\ud835\udc1a\ud835\udc2e\ud835\udc1d\ud835\udc1e\u0301', 'Claude'],
    ['Chat\u0262PT', 'ChatGPT'],
    ['ChatGP\u0422', 'ChatGPT'],
    ['Curs0r', 'Cursor'],
    ['\u0421ursor', 'Cursor'],
    ['V5 Code', 'Visual Studio Code'],
    ['Visual Studi\u043e Code', 'Visual Studio Code'],
    ['C\u043edex', 'Codex'],
    ['Databr1cks', 'Databricks'],
    ['Benchl\u0456ng', 'Benchling'],
    ['Qui1t', 'Quilt'],
    ['QuiltSync\u0301', 'Quilt'],
    ['Gernini', 'Gemini'],
  ] as const) {
    it(`is flagged: ${name} for ${of}`, () => {
      assert.deepEqual(doubtOf(name), { kind: 'look_alike', of })
    })
  }

  it('is flagged even if the operator or a document vouches for it', () => {
    for (const knownBy of ['configuration', 'document', 'registration'] as const) {
      assert.equal(nameDoubt('\u0421laude', new URL(CLAUDE), knownBy)?.kind, 'look_alike')
    }
  })

  it('is not the same as a name that mixes alphabets', () => {
    assert.deepEqual(doubtOf('\u041cy \u0420\u0430yment'), { kind: 'mixed_scripts' })
    assert.deepEqual(doubtOf('Acm\u03b5'), { kind: 'mixed_scripts' })
  })
})

describe('B13: a protected name with a redirect URI elsewhere', () => {
  for (const [name, uri, of] of [
    ['Claude', BENCHLING, 'Claude'],
    ['claude desktop', 'https://claude.ai.example.com/cb', 'Claude'],
    ['ClaudeCode', BENCHLING, 'Claude'],
    ['Claude2', BENCHLING, 'Claude'],
    ['CursorAI', BENCHLING, 'Cursor'],
    ['ChatGPT', CLAUDE, 'ChatGPT'],
    ['ChatGPT5', CLAUDE, 'ChatGPT'],
    ['Cursor', 'windsurf://cursor/callback', 'Cursor'],
    ['Benchling', 'https://benchling.com.evil.example/cb', 'Benchling'],
    ['Quilt Data', CLAUDE, 'Quilt'],
  ] as const) {
    it(`is flagged: ${name} at ${uri}`, () => {
      assert.deepEqual(doubtOf(name, uri), { kind: 'answers_elsewhere', of })
    })
  }

  it('is not flagged when the operator or a document vouches for it', () => {
    assert.equal(nameDoubt('Claude', new URL(BENCHLING), 'configuration'), undefined)
    assert.equal(nameDoubt('Claude', new URL(BENCHLING), 'document'), undefined)
  })
})

describe('An unsuspicious name', () => {
  for (const [name, uri] of [
    ['Claude', CLAUDE],
    ['Claude', 'https://claude.com/api/mcp/auth_callback'],
    ['Claude Code (quilt)', HERE],
    ['Cursor', 'cursor://anysphere.cursor-mcp/oauth/callback'],
    ['Cursor', 'https://www.cursor.com/agents/mcp/oauth/callback'],
    ['Visual Studio Code', 'https://vscode.dev/redirect'],
    ['VS Code', HERE],
    ['ChatGPT', 'https://chatgpt.com/connector_platform_oauth_redirect'],
    ['Codex', HERE],
    ['Databricks', 'https://a.cloud.databricks.com/login/oauth/http.html'],
    ['Benchling', BENCHLING],
    ['BENCHLING', BENCHLING],
    ['Claude for Benchling', BENCHLING],
    ['QuiltSync', 'quilt://auth/callback?host=demo'],
    ['MCP Inspector', HERE],
    ['Precursor', HERE],
    ['Claudette', BENCHLING],
    ['\u041c\u043e\u0439 \u043a\u043b\u0438\u0435\u043d\u0442', HERE],
    ['\u6771\u4eac\u30a2\u30d7\u30ea Pro', HERE],
    ['\u05e9\u05dc\u05d5\u05dd', HERE],
    ['\u03b2 Lab', HERE],
    ['', HERE],
  ] as const) {
    it(`is not flagged: ${name || 'none'} at ${uri}`, () => {
      assert.equal(doubtOf(name, uri), undefined)
    })
  }
})
