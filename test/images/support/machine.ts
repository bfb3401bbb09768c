import process from 'node:process'
import { MissingTool } from '../../../deploy/local/tools/missing-tool.ts'
import { installPrograms } from '../../support/debian-packages.ts'

/** Programs that build and run the images, and the Debian package of each. */
const PACKAGES = {
  buildah: 'buildah',
  busybox: 'busybox-static',
  capsh: 'libcap2-bin',
  mount: 'mount',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
}

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
  await installPrograms({ suite: 'images', packages: PACKAGES })
}
