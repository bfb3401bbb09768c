import assert from 'node:assert/strict'
import { leadsToWebsite } from '../../../consent-ui/consent/skip-consent.ts'

describe('A redirect URI on the web', () => {
  for (const uri of [
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
    'https://vscode.dev/redirect/',
    'https://vscode.dev/%72edirect?x=y',
    'https://VSCODE.dev./redirect',
    'https://vscode.dev:8443/redirect',
    'https://vscode-redirect.azurewebsites.net/',
    'https://oauth.pstmn.io/v1/callback',
    'https://www.raycast.com/redirect?packageName=Extension',
  ]) {
    it(`forwards its code to an application on this computer: ${uri}`, () => {
      assert.ok(!leadsToWebsite(uri))
    })
  }

  for (const uri of [
    'https://claude.ai/api/mcp/auth_callback',
    'https://notvscode.dev/redirect',
    'https://vscode.dev.example.com/redirect',
  ]) {
    it(`leads to a website: ${uri}`, () => {
      assert.ok(leadsToWebsite(uri))
    })
  }
})
