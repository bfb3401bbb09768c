import process from 'node:process'
import { ENVOY, VALKEY } from './binaries.ts'
import { fetchBinaries } from './fetch-binaries.ts'
import { MissingTool } from './missing-tool.ts'
import { unpackChromium } from './unpack-chromium.ts'

/** `npm run tools`: whatever the tests run and this machine does not have. */
try {
  await fetchBinaries([ENVOY, VALKEY])
  await unpackChromium()
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  console.error(error.message)
  process.exitCode = 1
}
