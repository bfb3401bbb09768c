import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import process from 'node:process'

/** Programs of the browsers, and the Debian package that has each. */
const PROGRAMS = {
  '/usr/bin/chromium': 'chromium',
  '/usr/bin/chromedriver': 'chromium-driver',
  '/usr/bin/firefox-esr': 'firefox-esr',
  '/usr/bin/WebKitWebDriver': 'webkit2gtk-driver',
  '/usr/bin/Xvfb': 'xvfb',
}

const missing = Object.entries(PROGRAMS)
  .filter(([program]) => globSync(program).length === 0)
  .map(([, name]) => name)

if (missing.length > 0) install(missing)

function install(packages: readonly string[]): void {
  const commands = [
    ['apt-get', 'update', '-q'],
    ['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages],
  ]
  console.error(`browsers: installing ${packages.join(', ')} (a minute, once)`)
  try {
    for (const [command = '', ...args] of commands) {
      execFileSync(command, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      })
    }
  } catch {
    const line = commands.map((command) => command.join(' ')).join(' && ')
    console.error(`browsers: cannot install the Debian packages; as root on Debian, run: ${line}`)
    process.exitCode = 1
  }
}
