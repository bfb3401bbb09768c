import type { RegistryBounds } from '../../core/quilt/registry-client.ts'

/** Documented answers take 200 bytes. */
export const REGISTRY_BOUNDS: RegistryBounds = {
  timeoutMs: 3000,
  maxAnswerBytes: 16 * 1024,
  maxConnections: 32,
}
