import { connectRegistry } from '../../../core/quilt/registry.ts'
import { registryEndpoint, UnusableAnswer } from '../../../core/quilt/registry-client.ts'
import { clockOf } from './clock.ts'
import { aboutPart, type Finding, type Probe } from './finding.ts'

const TIMEOUT_MS = 4000
const MAX_ANSWER_BYTES = 100_000
/** No credential of Quilt; the Registry must refuse it. */
const NO_CREDENTIAL = 'connect-check'

const { ok, fault } = aboutPart('registry')

/** Presents a made-up token, and looks whether the Registry refuses it in its own form. */
export function registryProbe(registryUrl: URL): Probe {
  return {
    part: 'registry',
    fix: 'compare QUILT_REGISTRY_URL with the Registry of your Quilt stack; look at the network rules',
    ask: async ({ signal }) => {
      const askedMs = Date.now()
      const { headers, body } = await fetch(registryEndpoint(registryUrl, 'api/me'), {
        signal,
        redirect: 'manual',
      })
      await body?.cancel()
      const clock = clockOf('the Registry', headers.get('date'), askedMs)
      return [await answerFinding(registryUrl), ...(clock === undefined ? [] : [clock])]
    },
  }
}

async function answerFinding(registryUrl: URL): Promise<Finding> {
  const bounds = { timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES }
  try {
    const owner = await connectRegistry(registryUrl, bounds).whoIs(NO_CREDENTIAL)
    return owner.kind === 'refused'
      ? ok(`${registryUrl.host} answers as a Quilt Registry`)
      : fault(
          `${registryUrl.host} accepts a made-up token`,
          'stop: this is no Quilt Registry, or it checks nothing',
        )
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error
    return fault(
      `${registryUrl.host} answers, but not as a Quilt Registry`,
      'write the URL of the Registry in QUILT_REGISTRY_URL, not of the catalog',
    )
  }
}
