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

/** The parsed value; undefined if it is refused, for one reason. */
function read<Output>(schema: z.ZodType<Output>, text: string): Output | undefined {
  const { data, error } = schema.safeParse(text)
  if (error !== undefined) assert.equal(error.issues.length, 1)
  return data
}

function refuses(schema: z.ZodType, ...texts: string[]): void {
  for (const text of texts) assert.equal(read(schema, text), undefined, text)
}

describe('isLoopback', () => {
  it('is true for localhost, 127.0.0.0/8 and ::1, and false for names and addresses that look alike', () => {
    for (const name of ['localhost', '127.0.0.1', '127.255.255.254', '[::1]'])
      assert.ok(isLoopback(name), name)
    const others = [
      'localhost.example.com',
      '127.0.0.1.example.com',
      '127.example.com',
      '127.1',
      '0177.0.0.1',
      '0x7f.0.0.1',
      '2130706433',
      '[::ffff:127.0.0.1]',
      '[::]',
      '0.0.0.0',
      '',
    ]
    for (const name of others) assert.ok(!isLoopback(name), name)
  })
})

describe('secureUrl', () => {
  it('accepts https, and http on this machine', () => {
    for (const text of [
      'https://registry.example.com/api?x=1',
      'http://localhost:4002/',
      'http://127.0.0.1/',
    ]) {
      assert.equal(read(secureUrl, text)?.href, text)
    }
  })

  it('refuses plain http elsewhere, other schemes, user names and fragments', () => {
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

describe('origin', () => {
  it('gives one spelling for every spelling of an origin', () => {
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

  it('refuses a path, a query, a fragment and plain http', () => {
    refuses(origin, 'https://connect.example.com/mcp', 'https://connect.example.com/?x', 'https://h/#x')
    refuses(origin, 'http://connect.example.com', 'connect.example.com', '*', 'null')
  })
})

describe('listenAddress', () => {
  it('accepts a Unix socket, and host:port', () => {
    assert.deepEqual(read(listenAddress, 'unix:/run/connect/x.sock'), { path: '/run/connect/x.sock' })
    assert.deepEqual(read(listenAddress, '127.0.0.1:3000'), { host: '127.0.0.1', port: 3000 })
    assert.deepEqual(read(listenAddress, 'localhost:0'), { host: 'localhost', port: 0 })
    assert.deepEqual(read(listenAddress, '[::1]:65535'), { host: '::1', port: 65_535 })
  })

  it('refuses incomplete addresses and URLs', () => {
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

describe('redisUrl', () => {
  it('accepts redis, rediss and a Unix socket', () => {
    for (const text of [
      'redis://localhost',
      'rediss://:secret@store.example.com:6380/0',
      'unix:/run/x.sock',
    ]) {
      assert.equal(read(redisUrl, text), text)
    }
  })

  it('refuses other schemes, missing hosts and relative paths', () => {
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

describe('seconds', () => {
  const schema = seconds(1, 3600)

  it('accepts whole numbers within its bounds', () => {
    assert.equal(read(schema, '1'), 1)
    assert.equal(read(schema, '3600'), 3600)
    refuses(schema, '0', '3601', '-1', '1.5', '1e3', '0x10', ' 5', '5 ', '', 'x', '9'.repeat(400), 'Infinity')
  })
})

describe('logLevel', () => {
  it('accepts debug, info, warn and error', () => {
    for (const level of ['debug', 'info', 'warn', 'error']) assert.equal(read(logLevel, level), level)
    refuses(logLevel, 'trace', 'silent', 'INFO', '')
  })
})
