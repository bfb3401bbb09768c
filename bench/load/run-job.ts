import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Connection } from './connection.ts'
import type { Answer } from './answer-reader.ts'
import { describeFault, type Asked } from './expected.ts'
import type { LoadJob, LoadResult, Pace } from './job.ts'

/** A due request above this waits, and the wait counts as its latency. */
const MAX_IN_FLIGHT = 512
const UNAVAILABLE = 503
const MAX_WAIT_MS = 5000
/** Client addresses (RFC 5737). */
const ADDRESSES = 250

/** Sends the requests of a job and checks each answer. */
export async function runJob(job: LoadJob): Promise<LoadResult> {
  const tokens = readFileSync(job.tokensFile, 'latin1').trimEnd().split('\n')
  const idle: Connection[] = []
  const latenciesMs: number[] = []
  let sent = 0
  let inFlight = 0
  let unavailable = 0
  let wrong = 0
  let firstWrong: string | undefined
  const beganMs = performance.now()
  const endMs = beganMs + job.maxMs

  if (job.pace.kind === 'open') await openLoop(job.pace)
  else await Promise.all(Array.from({ length: job.pace.inFlight }, () => closedLoop(job.pace)))
  const elapsedMs = performance.now() - beganMs
  for (const connection of idle) connection.close()
  return { sent, answered: latenciesMs.length, latenciesMs, elapsedMs, unavailable, wrong, firstWrong }

  async function openLoop({ perSecond }: { readonly perSecond: number }): Promise<void> {
    for (let dueMs = beganMs; dueMs < endMs && sent < job.maxRequests; dueMs += 1000 / perSecond) {
      const earlyMs = dueMs - performance.now()
      if (earlyMs > 0) await setTimeout(earlyMs)
      while (inFlight >= MAX_IN_FLIGHT) await setTimeout(1)
      // A timer may end early; the request then counts from when it is sent.
      void ask(Math.min(dueMs, performance.now()))
    }
    const lastMs = performance.now() + MAX_WAIT_MS
    while (inFlight > 0 && performance.now() < lastMs) await setTimeout(1)
    if (inFlight > 0) fault('requests got no answer in time')
  }

  async function closedLoop(pace: Pace): Promise<void> {
    const maxPerSecond = pace.kind === 'closed' ? (pace.maxPerSecond ?? Infinity) : Infinity
    while (performance.now() < endMs && sent < job.maxRequests) {
      const earlyMs = beganMs + (sent * 1000) / maxPerSecond - performance.now()
      if (earlyMs > 1) await setTimeout(earlyMs)
      else await ask(performance.now())
    }
  }

  async function ask(dueMs: number): Promise<void> {
    const session = (job.from + sent) % tokens.length
    const token = tokens[session] ?? ''
    const address = `198.51.100.${1 + (sent % ADDRESSES)}`
    const { beforeAddress, beforeToken, afterToken } = job.request
    sent += 1
    inFlight += 1
    try {
      const connection = connectionFor()
      const answer = await connection.ask(beforeAddress + address + beforeToken + token + afterToken)
      if (answer.status === UNAVAILABLE) {
        unavailable += 1
      } else {
        latenciesMs.push(performance.now() - dueMs)
        checkAnswer(answer, { session, token })
      }
      if (connection.isOpen) idle.push(connection)
    } catch (error) {
      fault((error as Error).message)
    } finally {
      inFlight -= 1
    }
  }

  function connectionFor(): Connection {
    for (let known = idle.pop(); known !== undefined; known = idle.pop()) if (known.isOpen) return known
    return new Connection(job.port)
  }

  function checkAnswer(answer: Answer, asked: Asked): void {
    const described = describeFault(answer, job.expected, asked)
    if (described !== undefined) fault(described)
  }

  function fault(description: string): void {
    wrong += 1
    firstWrong ??= description
  }
}
