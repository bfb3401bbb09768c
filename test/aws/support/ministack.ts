import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { installPython } from '../../../deploy/local/tools/install-python.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { until } from '../../support/until.ts'

const REGION = 'us-east-1'
const START = 'from ministack.app import main; main()'
const CLOUDFORMATION_VERSION = '2010-05-15'

/** MiniStack emulates AWS in one process on this machine. */
export interface MiniStack {
  /** Calls an action of CloudFormation's Query API, and returns its XML. */
  readonly cloudFormation: (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>
}

export async function startMiniStack(): Promise<MiniStack> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-aws-'))
  const packages = await installPython('ministack', join(import.meta.dirname, '../requirements.txt'))
  const [port = 0] = await freePorts(1)
  const child = spawn('python3', ['-c', START], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONPATH: packages,
      PYTHONDONTWRITEBYTECODE: '1',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      S3_PERSIST: '0',
      PERSIST_STATE: '0',
    },
  })
  closeAfterAll(async () => {
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.kill()) await ended
    await rm(folder, { recursive: true })
  })
  const origin = `http://127.0.0.1:${port}`
  await until(() => fetch(origin).then(Boolean, () => false), 'MiniStack')
  return { cloudFormation: (action, parameters) => query(origin, action, parameters) }
}

/** MiniStack finds the service by the scope of the credential, and checks no signature. */
async function query(
  origin: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const scope = `test/20260101/${REGION}/cloudformation/aws4_request`
  const response = await fetch(origin, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Action: action, Version: CLOUDFORMATION_VERSION, ...parameters }),
  })
  return await response.text()
}
