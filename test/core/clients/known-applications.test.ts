import assert from 'node:assert/strict'
import { readClientDocument } from '../../../consent-ui/clients/document-client.ts'
import { DEFAULT_CLIENT_HOSTS, pinnedDocument } from '../../../consent-ui/clients/pinned-documents.ts'
import { guessApplication } from '../../../consent-ui/consent/guess-application.ts'
import { nameDoubt } from '../../../consent-ui/consent/name-doubt.ts'
import { reRegistrationHelp } from '../../../consent-ui/pages/re-registration-help.ts'
import { en } from '../../../consent-ui/pages/texts/en/en.ts'
import { KNOWN_APPLICATIONS, usesRedirect } from '../../../core/clients/known-applications.ts'
import { banner } from '../../../deploy/local/banner.ts'
import { PLATFORM } from '../../support/services.ts'

const ORIGIN = 'https://connect.example.com'
const URL_OF_SERVICE = `${ORIGIN}${PLATFORM.paths[0]}`
const SERVER = { origin: ORIGIN, path: PLATFORM.paths[0], url: URL_OF_SERVICE }

describe('The table of known applications', () => {
  it('has each name once', () => {
    const names = KNOWN_APPLICATIONS.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
  })

  it('has steps for each set-up in the texts, which name only applications of the table', () => {
    const names = KNOWN_APPLICATIONS.map(({ name }) => name)
    const withSetUp = KNOWN_APPLICATIONS.filter(({ setUp }) => setUp !== undefined)
    assert.deepEqual(new Set(Object.keys(en.applications.setUp)), new Set(withSetUp.map(({ name }) => name)))
    assert.deepEqual(
      Object.keys(en.applications.forget).filter((name) => !names.includes(name)),
      [],
    )
  })

  it('feeds the banner of npm start: one line for each local set-up', () => {
    const started = { users: [], port: 8080, auditFile: 'audit.log', keepsConnections: false }
    const lines = banner({ mcpUrl: URL_OF_SERVICE, ...started })
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/))
    for (const { name, setUpLine } of KNOWN_APPLICATIONS) {
      const [, line] = lines.find(([first]) => first === name) ?? []
      assert.equal(line, setUpLine?.(URL_OF_SERVICE), name)
    }
  })

  for (const application of KNOWN_APPLICATIONS) {
    const { name, document, protectedNames, redirects, setUp, setUpLine } = application
    const forget = en.applications.forget[name]

    if (document !== undefined) {
      it(`holds a document of ${name} whose redirect URIs are ${name}'s`, () => {
        const client = readClientDocument(document.client_id, pinnedDocument(document.client_id))
        for (const uri of client.redirectUris) assert.ok(usesRedirect(application, new URL(uri)), uri)
        const trusted = document.isVendorHost ? new URL(document.client_id).host : document.client_id
        assert.ok(DEFAULT_CLIENT_HOSTS.split(',').includes(trusted))
      })

      it(`raises no doubt about ${name}'s own name at its own redirect URIs`, () => {
        for (const uri of document.redirect_uris) {
          assert.equal(nameDoubt(document.client_name, new URL(uri), 'registration'), undefined, uri)
        }
      })
    }

    if (protectedNames !== undefined) {
      it(`knows the redirect URIs of ${name}, whose name it protects`, () => {
        assert.ok((redirects ?? []).length > 0)
      })
    }

    if (setUp !== undefined || setUpLine !== undefined) {
      it(`leads ${name} to the server by its set-up`, () => {
        const texts = [...(setUp?.(SERVER) ?? []), setUpLine?.(URL_OF_SERVICE)]
        for (const text of texts.filter((one) => one !== undefined)) {
          assert.ok(
            [ORIGIN, PLATFORM.paths[0], 'claude mcp login quilt', 'codex mcp login quilt'].some((one) =>
              text.includes(one),
            ),
            text,
          )
        }
      })
    }

    const [documentUri] = document?.redirect_uris ?? []
    if (forget !== undefined && documentUri !== undefined) {
      it(`tells the user of ${name}, or of the application that shares its address, how to register again`, () => {
        const guess = guessApplication(new Map([['redirect_uri', documentUri]]), '')
        assert.ok(guess !== undefined && usesRedirect(guess.application, new URL(documentUri)))
        const steps = en.applications.forget[guess.application.name]
        assert.deepEqual(reRegistrationHelp(guess).steps.slice(0, steps?.length), steps)
      })
    }
  }
})

describe('The one-click link', () => {
  for (const { name, addLink, redirects } of KNOWN_APPLICATIONS) {
    if (addLink === undefined) continue
    it(`of ${name} adds the server by ${name}’s own scheme`, () => {
      const link = new URL(addLink(URL_OF_SERVICE))
      assert.ok(redirects?.some((one) => one.kind === 'scheme' && one.scheme === link.protocol))
      const config = link.searchParams.get('config')
      const json = config === null ? decodeURIComponent(link.search.slice(1)) : atob(config)
      assert.equal((JSON.parse(json) as { url: string }).url, URL_OF_SERVICE)
    })
  }
})
