/** Removes trailing dots in one pass; a regular expression would start at each dot again. */
export function withoutTrailingDots(host: string): string {
  let end = host.length
  while (host[end - 1] === '.') end -= 1
  return host.slice(0, end)
}
