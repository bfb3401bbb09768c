/**
 * Where people browse what a Registry holds, by the names that Quilt's own deployment gives the two
 * (https://quilt.example.com and https://quilt-registry.example.com); elsewhere the Registry itself.
 */
export function catalogUrlOf(registryUrl: string): string {
  const url = new URL(registryUrl)
  url.hostname = url.hostname.replace(/^([^.]+)-registry\./, '$1.')
  return url.href
}
