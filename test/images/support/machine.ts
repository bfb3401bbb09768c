import { delimiter, join } from 'node:path'
import process from 'node:process'
import { isExecutable } from '../../../deploy/local/tools/find-binary.ts'
import { MissingTool } from '../../../deploy/local/tools/missing-tool.ts'
import { run } from './run.ts'

/** Programs that build and run the images, and the Debian package of each. */
const PACKAGES: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  busybox: 'busybox-static',
  capsh: 'libcap2-bin',
  mount: 'mount',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
}
/** What buildah's package recommends is for builds without root. */
const APT_GET = ['-qq', '-y', '--no-install-recommends']

/**
 * Installs what the machine does not have.
 *
 * @throws MissingTool with the command to run, if it may not
 */
export async function prepareMachine(): Promise<void> {
  if (process.platform !== 'linux')
    throw new MissingTool('Linux', 'run "npm run test:images" on Debian or Ubuntu')
  if (process.getuid?.() !== 0)
    throw new MissingTool('root', 'run "sudo npm run test:images", as it mounts and chroots')
  const missing = await missingPackages()
  if (missing.length === 0) return
  console.log(`images: installing ${missing.join(', ')} (half a minute, once)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const command = `apt-get update && apt-get install ${APT_GET.join(' ')} ${missing.join(' ')}`
  await run('sh', ['-c', command], env).catch((error: unknown) => {
    throw new MissingTool(missing.join(', '), `"${command}" failed: ${(error as Error).message}`)
  })
}

async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>()
  for (const [program, name] of Object.entries(PACKAGES)) {
    if (!(await isOnPath(program))) missing.add(name)
  }
  return [...missing]
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = await Promise.all(folders.map((folder) => isExecutable(join(folder, program))))
  return found.includes(true)
}
