import { createHash } from 'node:crypto'
import type { SampleBucket, SamplePackage } from '../sample-data.ts'

export interface QuiltPackage extends SamplePackage {
  readonly bucket: string
  /** SHA-256 of the manifest. */
  readonly topHash: string
}

/** Buckets, objects and packages in memory. The caller checks permissions. */
export interface PackageStore {
  /** Finds packages whose name or message contains all words. */
  search(buckets: readonly string[], words: string): readonly QuiltPackage[]
  find(bucket: string, name: string): QuiltPackage | undefined
  read(bucket: string, key: string): string | undefined
  put(bucket: string, key: string, content: string): void
  save(bucket: string, made: SamplePackage): QuiltPackage
}

export function packageStore(sample: Readonly<Record<string, SampleBucket>>): PackageStore {
  const objects = new Map<string, string>()
  const packages = new Map<string, QuiltPackage>()

  const store: PackageStore = {
    search(buckets, words) {
      const wanted = words.toLowerCase().split(/\s+/)
      return [...packages.values()].filter(({ bucket, name, message }) => {
        const text = `${name} ${message}`.toLowerCase()
        return buckets.includes(bucket) && wanted.every((word) => text.includes(word))
      })
    },
    find: (bucket, name) => packages.get(address(bucket, name)),
    read: (bucket, key) => objects.get(address(bucket, key)),
    put(bucket, key, content) {
      objects.set(address(bucket, key), content)
    },
    save(bucket, made) {
      const topHash = createHash('sha256').update(JSON.stringify(made)).digest('hex')
      const saved = { ...made, bucket, topHash }
      packages.set(address(bucket, made.name), saved)
      return saved
    },
  }

  for (const [bucket, { objects: contents, packages: made }] of Object.entries(sample)) {
    for (const [key, content] of Object.entries(contents)) store.put(bucket, key, content)
    for (const each of made) store.save(bucket, each)
  }
  return store
}

function address(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`
}
