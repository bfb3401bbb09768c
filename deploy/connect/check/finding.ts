/** `skipped`: could not be checked from here. */
export type Level = 'ok' | 'warning' | 'fault' | 'skipped'

export interface Finding {
  /** What was checked. */
  readonly part: string
  readonly level: Level
  readonly text: string
  /** What to do; present unless all is good. */
  readonly fix?: string
}

/** Findings about one part, without repeating its name. */
export interface Part {
  readonly ok: (text: string) => Finding
  readonly skipped: (text: string) => Finding
  readonly warning: (text: string, fix: string) => Finding
  readonly fault: (text: string, fix: string) => Finding
}

export function aboutPart(part: string): Part {
  return {
    ok: (text) => ({ part, level: 'ok', text }),
    skipped: (text) => ({ part, level: 'skipped', text }),
    warning: (text, fix) => ({ part, level: 'warning', text, fix }),
    fault: (text, fix) => ({ part, level: 'fault', text, fix }),
  }
}

/** A part that is asked over the network; it may reject. */
export interface Probe {
  readonly part: string
  readonly ask: (limits: { readonly signal: AbortSignal }) => Promise<readonly Finding[]>
  /** What to do if the part does not answer. */
  readonly fix: string
}

/** Asks every part at the same time. A part that does not answer within the time limit is a fault. */
export async function askAll(probes: readonly Probe[], timeoutMs: number): Promise<readonly Finding[]> {
  const answers = await Promise.all(probes.map((probe) => askWithin(probe, timeoutMs)))
  return answers.flat()
}

async function askWithin({ part, ask, fix }: Probe, timeoutMs: number): Promise<readonly Finding[]> {
  const controller = new AbortController()
  const late = Promise.withResolvers<readonly Finding[]>()
  const timer = setTimeout(() => {
    controller.abort(new Error('too late'))
    late.resolve([aboutPart(part).fault(`no answer within ${timeoutMs / 1000} s`, fix)])
  }, timeoutMs)
  try {
    return await Promise.race([ask({ signal: controller.signal }), late.promise])
  } catch (error) {
    return [aboutPart(part).fault(`not reachable (${reasonOf(error)})`, fix)]
  } finally {
    clearTimeout(timer)
  }
}

/** The code of an error, or its message: fetch hides the cause, and messages of ioredis may hold a command. */
function reasonOf(error: unknown): string {
  const { cause, code, name, message } = error as NodeJS.ErrnoException
  if (cause !== undefined) return reasonOf(cause)
  return code ?? (message === '' ? name : message)
}
