import assert from 'node:assert/strict'
import { AUTHORIZATION_SERVICE, EXTERNAL_PROCESSOR_SERVICE } from '../../proto/load.ts'
import { envoySchema, messageNamed, ourSchema } from './descriptors.ts'

const ours = ourSchema()
const envoys = envoySchema()

/** Messages of protobuf.js, the same in both schemas. */
const written = [...ours.messages].filter(([name]) => !name.startsWith('google.protobuf.'))

const CHECK_RESPONSE = 'envoy.service.auth.v3.CheckResponse'
const CHECK_REQUEST = 'envoy.service.auth.v3.CheckRequest'

describe('the messages of ext_authz and ext_proc', () => {
  it('are the messages that this project needs', () => {
    assert.deepEqual(written.map(([name]) => name).sort(), [
      'envoy.config.core.v3.HeaderMap',
      'envoy.config.core.v3.HeaderValue',
      'envoy.config.core.v3.HeaderValueOption',
      'envoy.config.core.v3.Metadata',
      'envoy.config.core.v3.Metadata.Filter_metadata',
      'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode',
      'envoy.service.auth.v3.AttributeContext',
      'envoy.service.auth.v3.AttributeContext.Context_extensions',
      'envoy.service.auth.v3.AttributeContext.HttpRequest',
      'envoy.service.auth.v3.AttributeContext.HttpRequest.Headers',
      'envoy.service.auth.v3.AttributeContext.Request',
      'envoy.service.auth.v3.CheckRequest',
      'envoy.service.auth.v3.CheckResponse',
      'envoy.service.auth.v3.DeniedHttpResponse',
      'envoy.service.auth.v3.OkHttpResponse',
      'envoy.service.ext_proc.v3.BodyMutation',
      'envoy.service.ext_proc.v3.BodyResponse',
      'envoy.service.ext_proc.v3.CommonResponse',
      'envoy.service.ext_proc.v3.HeadersResponse',
      'envoy.service.ext_proc.v3.HttpBody',
      'envoy.service.ext_proc.v3.HttpHeaders',
      'envoy.service.ext_proc.v3.ImmediateResponse',
      'envoy.service.ext_proc.v3.ProcessingRequest',
      'envoy.service.ext_proc.v3.ProcessingResponse',
      'envoy.type.v3.HttpStatus',
      'google.rpc.Status',
    ])
  })

  for (const [name, fields] of written) {
    describe(name, () => {
      for (const [fieldName, field] of fields) {
        if (name === CHECK_RESPONSE && fieldName === 'error_response') continue
        it(`has ${fieldName} as in Envoy's schema`, () => {
          assert.deepEqual(field, envoys.messages.get(name)?.get(fieldName))
        })
      }
    })
  }

  for (const [name, values] of ours.enums) {
    if (name.startsWith('google.protobuf.')) continue
    it(`have the values of ${name} as in Envoy's schema`, () => {
      for (const [value, number] of values) assert.equal(number, envoys.enums.get(name)?.get(value), value)
    })
  }

  it('have the service path that Envoy calls', () => {
    for (const [name, paths] of [
      [AUTHORIZATION_SERVICE, ['/envoy.service.auth.v3.Authorization/Check']],
      [EXTERNAL_PROCESSOR_SERVICE, ['/envoy.service.ext_proc.v3.ExternalProcessor/Process']],
    ] as const) {
      const [mine, theirs] = [ours, envoys].map(({ definitions }) => {
        const service = definitions[name] as Record<string, { path: string }>
        return Object.values(service).map(({ path }) => path)
      })
      assert.deepEqual(mine, paths)
      assert.deepEqual(mine, theirs)
    }
  })
})

describe('error_response, which Envoy has since 1.37 but the shipped descriptors lack', () => {
  it('has number 5, which no other field has', () => {
    const field = ours.messages.get(CHECK_RESPONSE)?.get('error_response')
    assert.equal(field?.number, 5)
    const numbers = [...(envoys.messages.get(CHECK_RESPONSE)?.values() ?? [])].map(({ number }) => number)
    assert.ok(numbers.length > 0 && !numbers.includes(5))
  })

  it('has the type of denied_response', () => {
    const fields = ours.messages.get(CHECK_RESPONSE)
    assert.deepEqual({ ...fields?.get('error_response'), number: 2 }, fields?.get('denied_response'))
  })
})

describe('bytes', () => {
  const request = {
    attributes: {
      request: {
        http: {
          method: 'POST',
          headers: { authorization: 'Bearer a', constructor: 'b' },
          header_map: {
            headers: [
              { key: 'x', raw_value: Buffer.from([0xff, 0]) },
              { key: 'y', value: 'z' },
            ],
          },
        },
      },
      context_extensions: { service: 'platform', path: '/mcp' },
    },
  }
  const header = { header: { key: 'authorization', value: 'Bearer q' }, append: { value: false } }
  const dynamic_metadata = { fields: { decision: { stringValue: 'allow', kind: 'stringValue' } } }
  const denied = { status: { code: 401 }, headers: [header], body: '{}' }
  const responses = [
    {
      status: { code: 0 },
      ok_response: { headers: [header], headers_to_remove: ['cookie', 'x-a'] },
      dynamic_metadata,
      http_response: 'ok_response',
    },
    { status: { code: 16 }, denied_response: denied, dynamic_metadata, http_response: 'denied_response' },
  ]
  const cases = [
    [CHECK_REQUEST, request],
    ...responses.map((response) => [CHECK_RESPONSE, response] as const),
  ] as const

  for (const [index, [name, message]] of cases.entries()) {
    for (const [writer, reader, who] of [
      [ours, envoys, 'ours are read by Envoy'],
      [envoys, ours, "Envoy's are read by ours"],
    ] as const) {
      it(`of ${name} (${index}): ${who}`, () => {
        const bytes = messageNamed(writer.definitions, name).serialize(message)
        assert.deepEqual(messageNamed(reader.definitions, name).deserialize(bytes), message)
      })
    }
  }

  it('of unknown fields are skipped', () => {
    const full = {
      attributes: {
        source: { address: { socket_address: { address: '1.2.3.4', port_value: 5 } } },
        request: {
          time: { seconds: 1 },
          http: { id: '7', method: 'GET', path: '/mcp?x', protocol: 'HTTP/2' },
        },
        tls_session: { sni: 'a' },
      },
    }
    const bytes = messageNamed(envoys.definitions, CHECK_REQUEST).serialize(full)
    assert.deepEqual(messageNamed(ours.definitions, CHECK_REQUEST).deserialize(bytes), {
      attributes: { request: { http: { method: 'GET' } } },
    })
  })

  it('of an error_response are no other response for an older Envoy', () => {
    const message = { status: { code: 14 }, error_response: denied }
    const bytes = messageNamed(ours.definitions, CHECK_RESPONSE).serialize(message)
    const read = messageNamed(envoys.definitions, CHECK_RESPONSE).deserialize(bytes)
    assert.deepEqual(read, { status: { code: 14 } })
  })
})
