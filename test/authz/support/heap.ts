import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that are in use once all garbage is gone. */
export function heapInUse(): number {
  // The first time finalizers may leave more of it behind.
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
