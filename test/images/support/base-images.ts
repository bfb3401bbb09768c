import { copyFile, cp, mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { rootCertificates } from 'node:tls'
import { ENVOY } from '../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../deploy/local/tools/find-binary.ts'
import { ARGUMENTS } from '../../deploy/images/support/dockerfile.ts'
import type { Buildah } from './buildah.ts'
import { run } from '../../support/run.ts'

/**
 * Stands in for the base images under the names that the Dockerfile uses, as no registry of images is asked: this
 * machine's glibc, busybox as the shell, and the Node, npm and Envoy that the tests run.
 */
export async function commitBaseImages(buildah: Buildah): Promise<void> {
  const { NODE_IMAGE = '', ENVOY_IMAGE = '' } = ARGUMENTS
  const envoy = await findBinary(ENVOY)
  await Promise.all([
    buildah.commit(NODE_IMAGE, (root) => fillNodeBase(root, envoy)),
    buildah.commit(ENVOY_IMAGE, (root) => fillEnvoyBase(root, envoy)),
  ])
}

async function fillNodeBase(root: string, envoy: string): Promise<void> {
  const folders = [
    'bin',
    'etc',
    'lib64',
    'root',
    'run',
    'tmp',
    'usr/bin',
    'usr/local/bin',
    'usr/local/lib/node_modules',
  ]
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  await run('chmod', ['1777', join(root, 'tmp')])
  await copyLibraries(root, [process.execPath, envoy])
  await copyFile(await which('busybox'), join(root, 'bin/busybox'))
  await run('chroot', [root, '/bin/busybox', '--install', '-s', '/bin'])
  await symlink('/bin/env', join(root, 'usr/bin/env'))
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'))
  const npm = dirname(dirname(await realpath(await which('npm'))))
  await cp(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
}

async function fillEnvoyBase(root: string, envoy: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true })
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true })
  await copyFile(envoy, join(root, 'usr/local/bin/envoy'))
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), rootCertificates.join('\n'))
}

async function copyLibraries(root: string, programs: readonly string[]): Promise<void> {
  const printed = await run('ldd', programs)
  const libraries = new Set(printed.match(/(?<=\s)\/lib\S*/g) ?? [])
  await run('cp', ['--parents', '--dereference', ...libraries, root])
}

async function which(program: string): Promise<string> {
  return await run('sh', ['-c', 'command -v "$1"', 'which', program])
}

/**
 * Settings for `npm ci` inside the build: the registry of this machine, and the authorities that Node trusts here.
 *
 * @returns arguments that mount them
 */
export async function npmSettings(folder: string): Promise<string[]> {
  const registry = await run('npm', ['config', 'get', 'registry'])
  const extra = [await run('npm', ['config', 'get', 'cafile']), process.env.NODE_EXTRA_CA_CERTS ?? '']
  const files = [...new Set(extra)].filter((file) => file.startsWith('/'))
  const authorities = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  await writeFile(join(folder, 'authorities.pem'), [...rootCertificates, ...authorities].join('\n'))
  await writeFile(join(folder, 'npmrc'), `registry=${registry}\ncafile=/etc/authorities.pem\n`)
  return [
    ...['--volume', `${join(folder, 'npmrc')}:/root/.npmrc:ro`],
    ...['--volume', `${join(folder, 'authorities.pem')}:/etc/authorities.pem:ro`],
  ]
}
