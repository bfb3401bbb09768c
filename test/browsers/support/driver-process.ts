import process from 'node:process'
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { until } from '../../support/until.ts'
import { ended, startProgram } from './programs.ts'

interface Driven {
  readonly driver: WebDriver
  readonly close: () => Promise<void>
}

/** Starts a program that speaks WebDriver, and a browser with it. */
export async function startWithDriver(
  program: string,
  capabilities: Record<string, unknown>,
  environment: Readonly<Record<string, string>>,
): Promise<Driven> {
  const [port = 0] = await freePorts(1)
  const child = startProgram(program, [`--port=${port}`], { env: { ...process.env, ...environment } })
  const server = `http://127.0.0.1:${port}`
  await until(() => answers(`${server}/status`), program)
  const driver = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(server)
    .withCapabilities(new Capabilities(capabilities))
    .build()
  return {
    driver,
    close: async () => {
      await driver.quit()
      child.kill('SIGKILL')
      await ended(child)
    },
  }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}
