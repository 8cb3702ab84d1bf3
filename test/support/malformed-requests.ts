/** A record that is there, for requests that fail for another reason. */
export const presentRecord = '/api/handles/88.1000/present'
const boolean = 'expected true, yes, false, no or nothing'
const index = 'expected an integer from 1 to 2147483647'

/** What is asked; GET and JSON unless it says otherwise. */
export type Sent = {
  readonly method?: string
  readonly target: string
  readonly body?: string
  readonly contentType?: string
}

/** A request, then the status, the response code and the text that its message holds. */
export type Row = readonly [sent: Sent, status: number, responseCode: number, message: string]

const malformedParameters: readonly Row[] = [
  [{ target: `${presentRecord}?index=0` }, 400, 4, `index is "0"; ${index}`],
  [{ target: `${presentRecord}?index=one` }, 400, 4, `index is "one"; ${index}`],
  [{ target: `${presentRecord}?index=1&index=` }, 400, 4, `index is ""; ${index}`],
  [{ target: `${presentRecord}?index=2147483648` }, 400, 4, `index is "2147483648"; ${index}`],
  [{ target: `${presentRecord}?auth=perhaps` }, 400, 4, `auth is "perhaps"; ${boolean}`],
  [{ target: `${presentRecord}?publicOnly=some` }, 400, 4, `publicOnly is "some"; ${boolean}`],
  [{ target: `${presentRecord}?cert=1` }, 400, 4, `cert is "1"; ${boolean}`],
  [{ target: `${presentRecord}?doNotRefer=0` }, 400, 4, `doNotRefer is "0"; ${boolean}`],
  [{ target: `${presentRecord}?pretty=very` }, 400, 4, `pretty is "very"; ${boolean}`],
  [{ target: `${presentRecord}?pretty=${'v'.repeat(200)}` }, 400, 4, `pretty is "${'v'.repeat(80)}…"`],
  [{ method: 'POST', target: presentRecord, body: '{"index":[1,"x"]}' }, 400, 4, `index is "x"; ${index}`],
  [
    { method: 'POST', target: presentRecord, body: '{"auth":"perhaps"}' },
    400,
    4,
    `auth is "perhaps"; ${boolean}`,
  ],
  [
    { method: 'POST', target: presentRecord, body: '{"publicOnly":3}' },
    400,
    4,
    `publicOnly is "3"; ${boolean}`,
  ],
  [
    { method: 'POST', target: presentRecord, body: '[1]' },
    400,
    4,
    'body is "[1]"; expected a JSON object of parameters',
  ],
  [{ method: 'POST', target: presentRecord, body: '{"index":' }, 400, 4, 'the body is not JSON: '],
  [{ method: 'PUT', target: `${presentRecord}?index=x`, body: '[]' }, 400, 4, `index is "x"; ${index}`],
  [
    { method: 'PUT', target: `${presentRecord}?index=various&index=1`, body: '[]' },
    400,
    4,
    `index is "various"; ${index}`,
  ],
  [
    { method: 'PUT', target: `${presentRecord}?overwrite=flase`, body: '[]' },
    400,
    4,
    `overwrite is "flase"; ${boolean}`,
  ],
  [
    { method: 'PUT', target: `${presentRecord}?mintNewSuffix=1`, body: '[]' },
    400,
    4,
    `mintNewSuffix is "1"; ${boolean}`,
  ],
  [{ method: 'DELETE', target: `${presentRecord}?index=-1` }, 400, 4, `index is "-1"; ${index}`],
  [{ method: 'DELETE', target: `${presentRecord}?index=various` }, 400, 4, `index is "various"; ${index}`],
]

const listing = '/api/handles?prefix=88.1000'
const malformedListings: readonly Row[] = [
  [{ target: '/api/handles' }, 400, 102, 'Empty handle invalid'],
  [{ target: '/api/handles?prefix=' }, 400, 102, 'Empty handle invalid'],
  [
    { target: '/api/handles?prefix=88..1' },
    400,
    102,
    'has the prefix "88..1"; expected segments such as 88.118.8',
  ],
  [{ target: '/api/handles?prefix=88.9' }, 400, 301, 'prefix "88.9" is not homed at this node'],
  [{ target: `${listing}&page=-1` }, 400, 4, 'page is "-1"; expected an integer from 0'],
  [{ target: `${listing}&page=first&pageSize=1` }, 400, 4, 'page is "first"; expected an integer from 0'],
  [
    { target: `${listing}&page=0&pageSize=101` },
    400,
    4,
    'pageSize is "101"; expected an integer from 0 to 100',
  ],
  [{ target: `${listing}&pageSize=1.5` }, 400, 4, 'pageSize is "1.5"; expected an integer from 0 to 100'],
  [
    { target: `${listing}&page=2000&pageSize=100` },
    400,
    4,
    'page is "2000"; expected a page within the first',
  ],
  [{ target: `${listing}&cursor=OTkvWA` }, 400, 4, 'expected a cursor of the listing of 88.1000'],
  [{ target: `${listing}&cursor=%20` }, 400, 4, 'expected a cursor of the listing of 88.1000'],
  [
    { target: `${listing}&cursor=x&page=0&pageSize=1` },
    400,
    4,
    'cursor is "x"; expected either cursor or page, not both',
  ],
]

const malformedHandles: readonly Row[] = [
  [{ target: '/api/handles/' }, 400, 102, 'Empty handle invalid'],
  [
    { target: '/api/handles/88.1000' },
    400,
    301,
    '"88.1000" is not of a prefix of this node; expected prefix/suffix',
  ],
  [{ target: '/api/handles/88.1000/' }, 400, 102, 'has no suffix after the slash'],
  [{ target: '/api/handles//x' }, 400, 102, 'has no prefix before the slash'],
  [
    { target: '/api/handles/88%201000/x' },
    400,
    102,
    'has the prefix "88 1000"; expected segments such as 88.118.8',
  ],
  [{ target: '/api/handles/88..1000/x' }, 400, 102, 'has the prefix "88..1000"'],
  [{ target: '/api/handles/88.1000/a%00b' }, 400, 102, 'holds a control character; expected printable text'],
  [
    { target: `/api/handles/88.1000/${'x'.repeat(2041)}` },
    400,
    102,
    'is 2049 bytes long; expected at most 2048',
  ],
  [
    { target: `/api/handles/88.1000/${'%E4%B8%AD'.repeat(700)}` },
    400,
    102,
    'is 2108 bytes long; expected at most 2048',
  ],
  [{ target: '/api/handles/88.1000/100%' }, 400, 102, '"/api/handles/88.1000/100%" is malformed'],
  [{ target: '/api/handles/88.1000/%zz' }, 400, 102, '"/api/handles/88.1000/%zz" is malformed'],
  [{ target: '/api/handles/88.1000/%E4%B8' }, 400, 102, '"/api/handles/88.1000/%E4%B8" is malformed'],
  [{ method: 'PUT', target: '/api/handles/88.1000/', body: '[]' }, 400, 102, 'has no suffix after the slash'],
  [{ method: 'DELETE', target: '/api/handles//x' }, 400, 102, 'has no prefix before the slash'],
  [
    { method: 'PUT', target: '/api/handles/?mintNewSuffix', body: '[]' },
    400,
    102,
    'has no prefix before the slash',
  ],
]

const put = (body: string, contentType?: string): Sent => ({
  method: 'PUT',
  target: '/api/handles/88.1000/malformed',
  body,
  ...(contentType === undefined ? {} : { contentType }),
})
const value = (fields: string) => put(`[{"index":1,"type":"T",${fields}}]`)
const malformedBodies: readonly Row[] = [
  [put('[]', 'text/plain'), 400, 4, 'Content-Type is "text/plain"; expected application/json'],
  [put('[]', 'application/jsonp'), 400, 4, 'Content-Type is "application/jsonp"; expected application/json'],
  [put('[]', ''), 400, 4, 'Content-Type is missing or malformed; expected application/json'],
  [put(''), 400, 4, 'the body is not JSON: '],
  [put('[{"index":1'), 400, 4, 'the body is not JSON: '],
  [put('null'), 400, 4, 'body is "null"; expected an array of values or an object with "values"'],
  [put('"URL"'), 400, 4, 'expected an array of values or an object with "values"'],
  [put('{"values":1}'), 400, 202, 'values is 1; expected an array of values'],
  [put('{"handle":"88.1000/other","values":[]}'), 400, 4, 'handle of the body is "88.1000/other"'],
  [put('{"handle":7,"values":[]}'), 400, 4, 'handle of the body is "7"; expected "88.1000/malformed"'],
  [put('{"handle":"noslash","values":[]}'), 400, 102, 'handle "noslash" has no slash'],
  [put('[1]'), 400, 202, 'values[0] is 1; expected an object with index, type and data'],
  [put('[{"type":"T","data":"x"}]'), 400, 202, 'values[0].index is missing; expected an integer'],
  [put('[{"index":0,"type":"T","data":"x"}]'), 400, 202, 'values[0].index is 0; expected an integer from 1'],
  [put('[{"index":1,"data":"x"}]'), 400, 202, 'values[0].type is missing; expected well-formed text'],
  [put('[{"index":1,"type":"","data":"x"}]'), 400, 202, 'values[0].type is ""; expected a type name'],
  [put('{"index":1,"type":"T"}'), 400, 202, 'body.data is missing; expected a string'],
  [value('"data":null'), 400, 202, 'values[0].data is null; expected a string'],
  [
    value('"data":{"format":"xml","value":""}'),
    400,
    202,
    'values[0].data.format is "xml"; expected one of string, base64',
  ],
  [
    value('"data":{"format":"hex","value":"0"}'),
    400,
    202,
    'values[0].data.value is "0"; expected pairs of hexadecimal',
  ],
  [value('"data":{"format":"base64","value":"*"}'), 400, 202, 'values[0].data.value is "*"; expected base64'],
  [
    value('"data":{"format":"admin","value":{"index":1}}'),
    400,
    202,
    'values[0].data.value is {"index":1}; expected',
  ],
  [value('"data":"x","ttl":-1'), 400, 202, 'values[0].ttl is -1; expected whole seconds, or a moment'],
  [
    value('"data":"x","ttl":"tomorrow"'),
    400,
    202,
    'values[0].ttl is "tomorrow"; expected whole seconds, or a moment',
  ],
  [value('"data":"x","permissions":"111"'), 400, 202, 'values[0].permissions is "111"; expected four digits'],
  [value('"data":"x","references":{}'), 400, 202, 'values[0].references is {}; expected an array'],
  [
    put('[{"index":1,"type":"T","data":"x"},{"index":1,"type":"T","data":"y"}]'),
    400,
    202,
    'values[1].index is 1; expected each index once',
  ],
  [
    put(`[{"index":1,"type":"T","data":"${'x'.repeat(5000)}"}]`),
    413,
    4,
    'larger than the 4096 bytes that this route takes',
  ],
]

const malformedOthers: readonly Row[] = [
  [
    {
      method: 'POST',
      target: '/api/registrations?overwrite=flase',
      contentType: 'application/x-ndjson',
      body: '',
    },
    400,
    4,
    `overwrite is "flase"; ${boolean}`,
  ],
  [
    { method: 'POST', target: '/api/registrations', body: '{}' },
    400,
    4,
    'Content-Type is "application/json"; expected application/x-ndjson',
  ],
  [
    {
      method: 'POST',
      target: '/api/registrations',
      contentType: 'application/x-ndjson',
      body: 'x'.repeat(70_000),
    },
    413,
    4,
    'over the limit of 65536 bytes',
  ],
  [{ target: '/api/registrations' }, 400, 4, 'prefix is ""; expected a prefix such as 88.118'],
  [{ target: '/api/registrations?prefix=88.9' }, 400, 301, 'prefix "88.9" is not homed at this node'],
  [
    { target: '/api/registrations?prefix=88.1000&after=88.9%2Fx' },
    400,
    4,
    'after is "88.9/x"; expected a handle under 88.1000',
  ],
  [{ target: '/88.1000/present?noredirect=x' }, 400, 4, `noredirect is "x"; ${boolean}`],
  [{ target: '/88.1000/present?auth=x' }, 400, 4, `auth is "x"; ${boolean}`],
  [
    { method: 'PATCH', target: presentRecord, body: '[]' },
    501,
    5,
    `PATCH ${presentRecord} is not a route of this node`,
  ],
  [
    { method: 'PUT', target: '/api/handles', body: '[]' },
    501,
    5,
    'PUT /api/handles is not a route of this node',
  ],
]

/** Everything that is wrong, by what it is wrong about. */
export const malformedRequests = {
  'parameters of /api/handles/{handle}': malformedParameters,
  'parameters of the listing': malformedListings,
  'handles in the path': malformedHandles,
  'bodies and content types': malformedBodies,
  'other routes and methods': malformedOthers,
} as const satisfies Record<string, readonly Row[]>
