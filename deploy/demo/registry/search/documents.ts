import { packageStore } from '../../platform-mcp/package-store.ts'
import { SAMPLE_BUCKETS } from '../../sample-data.ts'

export interface Document {
  readonly _index: string
  readonly _id: string
  readonly _source: Readonly<Record<string, string | number>>
}

const PACKAGES = '_packages'

/** Each bucket of a Quilt stack has two indexes: one of objects, one of packages and their entries. */
export function bucketOfIndex(index: string): string {
  return index.endsWith(PACKAGES) ? index.slice(0, -PACKAGES.length) : index
}

/** The sample data; changes through the Platform MCP server are not searched. */
export function documentsOf(index: string): readonly Document[] {
  const bucket = bucketOfIndex(index)
  const found = index === bucket ? objects(bucket) : packages(bucket)
  return found.map((source) => ({ _index: index, _id: Object.values(source).join(' '), _source: source }))
}

function objects(bucket: string): Document['_source'][] {
  const contents = Object.entries(SAMPLE_BUCKETS[bucket]?.objects ?? {})
  return contents.map(([key, content]) => ({ key, ext: extensionOf(key), size: Buffer.byteLength(content) }))
}

/** One document for the package and one for each entry: `pk` is its package, `lk` its logical key. */
function packages(bucket: string): Document['_source'][] {
  const store = packageStore(SAMPLE_BUCKETS)
  return (SAMPLE_BUCKETS[bucket]?.packages ?? []).flatMap(({ name, message, files }) => {
    const topHash = store.find(bucket, name)?.topHash ?? ''
    const entries = Object.entries(files).map(([path, key]) => ({
      entry_pk: `${name}@${topHash}`,
      entry_lk: path,
      entry_size: Buffer.byteLength(store.read(bucket, key) ?? ''),
    }))
    return [{ ptr_name: name, ptr_tag: 'latest', mnfst_message: message }, ...entries]
  })
}

function extensionOf(key: string): string {
  return /\.(\w+)$/.exec(key)?.[1] ?? ''
}
