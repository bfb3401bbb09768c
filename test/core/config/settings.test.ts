import assert from 'node:assert/strict'
import type { z } from 'zod'
import {
  isLoopback,
  listenAddress,
  logLevel,
  origin,
  redisUrl,
  seconds,
  secureUrl,
} from '../../../core/config/settings.ts'

/** What becomes of a value: undefined where it is refused, for one reason. */
function read<Output>(schema: z.ZodType<Output>, text: string): Output | undefined {
  const { data, error } = schema.safeParse(text)
  if (error !== undefined) assert.equal(error.issues.length, 1)
  return data
}

function refuses(schema: z.ZodType, ...texts: string[]): void {
  for (const text of texts) assert.equal(read(schema, text), undefined, text)
}

describe('The addresses of this machine', () => {
  it('are localhost, 127.0.0.0/8 and ::1, and no name that looks like one', () => {
    for (const name of ['localhost', '127.0.0.1', '127.255.255.254', '[::1]'])
      assert.ok(isLoopback(name), name)
    const others = [
      'localhost.example.com',
      '127.0.0.1.example.com',
      '127.example.com',
      '[::]',
      '0.0.0.0',
      '',
    ]
    for (const name of others) assert.ok(!isLoopback(name), name)
  })
})

describe('A secure URL', () => {
  it('is https, or http on this machine', () => {
    for (const text of [
      'https://registry.example.com/api?x=1',
      'http://localhost:4002/',
      'http://127.0.0.1/',
    ]) {
      assert.equal(read(secureUrl, text)?.href, text)
    }
  })

  it('is nothing else', () => {
    refuses(
      secureUrl,
      '',
      'registry.example.com',
      '/path',
      'ftp://localhost',
      'javascript:alert(1)',
      'file:///x',
    )
    refuses(
      secureUrl,
      'http://registry.example.com',
      'http://localhost.example.com',
      'http://[::]',
      'http://0.0.0.0',
    )
    refuses(secureUrl, 'https://ada@example.com', 'https://:secret@example.com', 'https://example.com/#part')
  })
})

describe('The origin of the Connect host', () => {
  it('is written one way, whichever way it was given', () => {
    for (const text of [
      'https://connect.example.com',
      'https://connect.example.com/',
      'https://connect.example.com:443',
      'HTTPS://Connect.Example.COM',
    ]) {
      assert.equal(read(origin, text), 'https://connect.example.com')
    }
    assert.equal(read(origin, 'https://connect.example.com:8443'), 'https://connect.example.com:8443')
    assert.equal(read(origin, 'http://localhost:4000'), 'http://localhost:4000')
  })

  it('has no path, query or fragment, and is secure', () => {
    refuses(origin, 'https://connect.example.com/mcp', 'https://connect.example.com/?x', 'https://h/#x')
    refuses(origin, 'http://connect.example.com', 'connect.example.com', '*', 'null')
  })
})

describe('A listening address', () => {
  it('is a Unix socket or host and port', () => {
    assert.deepEqual(read(listenAddress, 'unix:/run/connect/x.sock'), { path: '/run/connect/x.sock' })
    assert.deepEqual(read(listenAddress, '127.0.0.1:3000'), { host: '127.0.0.1', port: 3000 })
    assert.deepEqual(read(listenAddress, 'localhost:0'), { host: 'localhost', port: 0 })
    assert.deepEqual(read(listenAddress, '[::1]:65535'), { host: '::1', port: 65_535 })
  })

  it('is never left to guesses', () => {
    refuses(listenAddress, '', '3000', ':3000', 'localhost', 'localhost:', 'localhost:65536', '::1:3000')
    refuses(
      listenAddress,
      'unix:',
      'unix:relative.sock',
      'unix:/',
      'http://localhost:3000',
      'localhost:3000/x',
    )
  })
})

describe('The URL of the store', () => {
  it('is redis, rediss or a Unix socket', () => {
    for (const text of [
      'redis://localhost',
      'rediss://:secret@store.example.com:6380/0',
      'unix:/run/x.sock',
    ]) {
      assert.equal(read(redisUrl, text), text)
    }
  })

  it('is nothing else', () => {
    refuses(redisUrl, '', 'localhost:6379', 'redis:', 'redis://', 'redis:///0', 'http://localhost', 'unix:x')
    refuses(
      redisUrl,
      'redis://localhost:99999',
      'redis://:pass#word@localhost',
      'xredis://localhost',
      'unix:/',
    )
  })
})

describe('A number of seconds', () => {
  const schema = seconds(1, 3600)

  it('is whole and within its bounds', () => {
    assert.equal(read(schema, '1'), 1)
    assert.equal(read(schema, '3600'), 3600)
    refuses(schema, '0', '3601', '-1', '1.5', '1e3', '0x10', ' 5', '5 ', '', 'x', '9'.repeat(400), 'Infinity')
  })
})

describe('A log level', () => {
  it('is one of four', () => {
    for (const level of ['debug', 'info', 'warn', 'error']) assert.equal(read(logLevel, level), level)
    refuses(logLevel, 'trace', 'silent', 'INFO', '')
  })
})
