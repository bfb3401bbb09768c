import type { Environment } from '../../../core/config/environment.ts'
import { EVERYTHING } from '../../../core/controls/control-record.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { announce, changeOutput } from './announce.ts'
import { requireService } from './choose-sessions.ts'
import { CHANGE_HELP, CHANGE_OPTIONS, ENVIRONMENT_HELP, withSteering, type Steering } from './steering.ts'

const STOP_HELP = `stop [--service NAME] [--by NAME] [--json]
    emergency stop without a deployment: the service, or without --service everything, answers 503 at once, and clients
    keep their tokens. Ending sessions and signing out still work. resume takes it back. It is kept in Redis: to keep it
    if Redis is lost, set CONNECT_STOP. ${ENVIRONMENT_HELP}
    --service  name in CONNECT_SERVICES
    ${CHANGE_HELP}
    exit code  0: done; 1: not every process acknowledged; 2: the command could not be run`

const RESUME_HELP = `resume [--service NAME] [--by NAME] [--json]
    takes a stop back: of the service, or without --service the stop of everything. It does not change CONNECT_STOP.
    ${ENVIRONMENT_HELP}
    --service  as it was stopped
    ${CHANGE_HELP}
    exit code  0: done; 1: not every process acknowledged; 2: the command could not be run`

const OPTIONS = { ...CHANGE_OPTIONS, service: { type: 'string' } } as const

export const stop: Command = { help: STOP_HELP, run: runStop }
export const resume: Command = { help: RESUME_HELP, run: runResume }

async function runStop(args: readonly string[], environment: Environment): Promise<Output> {
  const { service, by, json } = readOptions(STOP_HELP, args)
  return await withSteering(environment, by, async (steering) => {
    const { config, controls, now } = steering
    const name = service === undefined ? EVERYTHING : requireService(config.services, service).name
    const change = await announce(steering, {
      what: 'service stopped',
      action: 'stop',
      details: { stopped: name },
      make: (change) => controls.stop(name, { by: steering.by, at: now(), change }),
    })
    const done =
      change.outcome === 'unchanged'
        ? `The stop of ${nameOf(name)} was in force already.`
        : `The stop of ${nameOf(name)} is in force.`
    return changeOutput(change, { done, json, details: { stopped: name } })
  })
}

async function runResume(args: readonly string[], environment: Environment): Promise<Output> {
  const { service = EVERYTHING, by, json } = readOptions(RESUME_HELP, args)
  return await withSteering(environment, by, async (steering) => {
    const change = await announce(steering, {
      what: 'service resumed',
      action: 'resume',
      details: { resumed: service },
      make: (change) => steering.controls.start(service, { change }),
      unchanged: async () =>
        new UsageError(
          `there is no stop of ${nameOf(service)} in Redis.${stillStopped(await stoppedNow(steering))}`,
        ),
    })
    const still = await stoppedNow(steering)
    const done = `The stop of ${nameOf(service)} has ended in Redis.${stillStopped(still)}`
    return changeOutput(change, { done, json, details: { resumed: service, stillStopped: still } })
  })
}

function readOptions(help: string, args: readonly string[]) {
  const { values, positionals } = readArguments(help, args, OPTIONS)
  if (positionals.length === 0) return values
  throw new UsageError(
    `"${positionals.join(' ')}" is not an option; name a service with --service\n\n${help}`,
  )
}

function stillStopped(services: readonly string[]): string {
  return services.length === 0 ? '' : ` Still stopped: ${services.join(', ')}.`
}

async function stoppedNow({ controls }: Steering): Promise<string[]> {
  return (await controls.read()).stopped.map(({ service }) => service)
}

function nameOf(service: string): string {
  return service === EVERYTHING ? 'everything' : `the service ${service}`
}
