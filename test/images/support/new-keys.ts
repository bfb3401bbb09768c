import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { z } from 'zod'

const bundleSchema = z.object({ signing: z.string(), sealing: z.string() })

/** Keys as an operator makes them: the containers refuse those of the demo. */
export async function newKeys(origin: string) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['deploy/connect/main.ts', 'keys', 'bundle'],
    {
      env: { CONNECT_ORIGIN: origin },
    },
  )
  const { signing, sealing } = bundleSchema.parse(JSON.parse(stdout))
  return { signingKeys: signing, sealingKeys: sealing, publicKeys: stderr.trim().split('\n').at(-1) ?? '' }
}
