import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import process from 'node:process'
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { stopAfterAll } from './real-browser.ts'

/** Starts a program that speaks WebDriver, and a browser with it. */
export async function startWithDriver(
  program: string,
  capabilities: Record<string, unknown>,
  environment: Readonly<Record<string, string>>,
): Promise<WebDriver> {
  const port = await freePort()
  const env = { ...process.env, ...environment }
  stopAfterAll(spawn(program, [`--port=${port}`], { stdio: 'ignore', env }))
  const server = `http://127.0.0.1:${port}`
  await until(() => answers(`${server}/status`), program)
  const driver = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(server)
    .withCapabilities(new Capabilities(capabilities))
    .build()
  closeAfterAll(() => driver.quit())
  return driver
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
