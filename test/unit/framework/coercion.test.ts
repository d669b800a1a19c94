/** What each type of field takes and gives. Expected values are what the host's own framework answers. */
import test from 'ava';
import fc from 'fast-check';
import { CoercionError } from '../../../src/framework/coercion-error.ts';
import { field, fieldValueToJson, type FieldSchema } from '../../../src/framework/field-schema.ts';
import type { JsonValue } from '../../../src/util/json.ts';

type Row = readonly [raw: JsonValue, expected: JsonValue];

const accepts = test.macro((t, schema: FieldSchema<unknown>, rows: readonly Row[]) => {
  for (const [raw, expected] of rows) {
    t.deepEqual(fieldValueToJson(schema.convert(raw)), expected, JSON.stringify(raw));
  }
});

const refuses = test.macro((t, schema: FieldSchema<unknown>, rows: readonly (readonly [JsonValue, string])[]) => {
  for (const [raw, message] of rows) {
    t.throws(() => schema.convert(raw), { instanceOf: CoercionError, message }, JSON.stringify(raw));
  }
});

const description = 'a field';
const noObject = (type: string): string =>
  `'' expected type '${type}', got unconvertible type 'map[string]interface {}'`;
const noArray = (type: string): string => `'' expected type '${type}', got unconvertible type '[]interface {}'`;

test('string: scalars: text', accepts, field.string({ description }), [
  ['x', 'x'],
  ['', ''],
  [' a ', ' a '],
  [true, '1'],
  [false, '0'],
  [5, '5'],
  [-1.5, '-1.5'],
  [1e21, '1000000000000000000000'],
  [1.25e22, '12500000000000000000000'],
  [1e-7, '0.0000001'],
  [-2.5e-8, '-0.000000025'],
  [null, ''],
]);
test('string: array or object: refused', refuses, field.string({ description }), [
  [{ a: 1 }, noObject('string')],
  [['a'], noArray('string')],
]);
test('lower-case string: capitals: lowered', accepts, field.lowerCaseString({ description }), [
  ['AbC', 'abc'],
  [true, '1'],
]);
test('name string: letters, digits, inner dots and hyphens: kept', accepts, field.nameString({ description }), [
  ['a', 'a'],
  ['A-b.C', 'A-b.C'],
  ['_', '_'],
  [5, '5'],
]);
test('name string: anything else, nothing included: refused', refuses, field.nameString({ description }), [
  ['', 'field does not match the formatting rules'],
  ['-a', 'field does not match the formatting rules'],
  ['a-', 'field does not match the formatting rules'],
  ['a b', 'field does not match the formatting rules'],
  ['a\n', 'field does not match the formatting rules'],
]);

for (const kind of ['int', 'int64'] as const) {
  test(`${kind}: numbers, booleans and Go's literals: integers`, accepts, field[kind]({ description }), [
    [5, 5],
    [1.9, 1],
    [-1.9, -1],
    [-0.5, 0],
    [true, 1],
    [false, 0],
    ['', 0],
    [null, 0],
    ['-5', -5],
    ['+5', 5],
    ['0x10', 16],
    ['0b11', 3],
    ['0o17', 15],
    ['010', 8],
    ['1_000', 1000],
    ['0_1', 1],
    ['9007199254740991', 9_007_199_254_740_991],
  ]);
  test(`${kind}: other text, or too large: refused`, refuses, field[kind]({ description }), [
    ['x', 'cannot parse \'\' as int: strconv.ParseInt: parsing "x": invalid syntax'],
    ['1.5', 'cannot parse \'\' as int: strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['08', 'cannot parse \'\' as int: strconv.ParseInt: parsing "08": invalid syntax'],
    ['1__0', 'cannot parse \'\' as int: strconv.ParseInt: parsing "1__0": invalid syntax'],
    [
      '999999999999999999999',
      'cannot parse \'\' as int: strconv.ParseInt: parsing "999999999999999999999": value out of range',
    ],
    [1e21, "cannot parse '' as int: value out of range"],
    [{}, noObject(kind)],
    [[1], noArray(kind)],
  ]);
}

test('float: numbers and decimals: numbers', accepts, field.float({ description }), [
  [1.5, 1.5],
  [true, 1],
  ['', 0],
  [null, 0],
  ['1e3', 1000],
  ['.5', 0.5],
  ['5.', 5],
  ['-2', -2],
  ['1_000', 1000],
]);
test('float: other text: refused', refuses, field.float({ description }), [
  ['x', 'cannot parse \'\' as float: strconv.ParseFloat: parsing "x": invalid syntax'],
  ['NaN', 'cannot parse \'\' as float: strconv.ParseFloat: parsing "NaN": invalid syntax'],
  ['1e999', 'cannot parse \'\' as float: strconv.ParseFloat: parsing "1e999": value out of range'],
  [[], noArray('float64')],
]);

test('bool: Go words and numbers: truth', accepts, field.bool({ description }), [
  ...['1', 't', 'T', 'TRUE', 'true', 'True', true, 1, -1, 0.5].map((raw): Row => [raw, true]),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False', '', null, false, 0].map((raw): Row => [raw, false]),
]);
test('bool: other words: refused', refuses, field.bool({ description }), [
  ['yes', 'cannot parse \'\' as bool: strconv.ParseBool: parsing "yes": invalid syntax'],
  ['tRUE', 'cannot parse \'\' as bool: strconv.ParseBool: parsing "tRUE": invalid syntax'],
  [{}, noObject('bool')],
]);

test('map: objects, alone or listed: merged', accepts, field.map({ description }), [
  [{ a: 1 }, { a: 1 }],
  [[{ a: 1, b: 1 }, { b: [2] }], { a: 1, b: [2] }],
  [[], {}],
  [null, {}],
  [[null, { a: 1 }], { a: 1 }],
]);
test('map: anything else: refused', refuses, field.map({ description }), [
  ['x', "'' expected a map, got 'string'"],
  [5, "'' expected a map, got 'float64'"],
  [true, "'' expected a map, got 'bool'"],
  [[{}, 'x'], "'[1]' expected a map, got 'string'"],
]);

test('key-value pairs: object or list of texts: texts by name', accepts, field.keyValuePairs({ description }), [
  [
    { a: 'b', c: 5, d: true, e: null },
    { a: 'b', c: '5', d: '1', e: '' },
  ],
  ['a=b=c', { a: 'b=c' }],
  [['a=1', 'b='], { a: '1', b: '' }],
  [[{ a: '1' }, { b: 2 }], { a: '1', b: '2' }],
  [[], {}],
  [null, {}],
]);
test(
  'key-value pairs: no separator, no name, or nested: refused unquoted',
  refuses,
  field.keyValuePairs({ description }),
  [
    ['secret', 'invalid key pair, expected key=value'],
    ['=b', 'invalid key pair, expected key=value'],
    ['', 'invalid key pair, expected key=value'],
    [
      { a: [1] },
      "1 error(s) decoding:\n\n* '[0]' expected type 'string', got unconvertible type 'map[string]interface {}'",
    ],
  ],
);

const durationRows: readonly Row[] = [
  ['3600', 3600],
  ['1h30m', 5400],
  ['1.5h', 5400],
  ['300ms', 0],
  ['30d', 2_592_000],
  ['', 0],
  [60, 60],
  [1.9, 1],
  [9_223_372_036, 9_223_372_036],
];
test('duration: text and numbers: whole seconds', accepts, field.durationSecond({ description }), durationRows);
test('signed duration: below zero too', accepts, field.signedDurationSecond({ description }), [
  ...durationRows,
  ['-1h', -3600],
  [-5, -5],
  ['-2d', -172_800],
]);
test('duration: malformed, negative or too long: refused', refuses, field.durationSecond({ description }), [
  ['1.5', 'time: missing unit in duration "1.5"'],
  ['x', 'time: invalid duration "x"'],
  ['1q', 'time: unknown unit "q" in duration "1q"'],
  ['1.5d', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
  [-5, "cannot provide negative value '-5'"],
  ['-1h', "cannot provide negative value '-3600'"],
  [true, 'could not parse duration from input'],
  [[], 'could not parse duration from input'],
  [{}, 'could not parse duration from input'],
  [9_223_372_037, 'multiplication of durations resulted in overflow, one operand may be too large'],
  ['106752d', 'multiplication of durations resulted in overflow, one operand may be too large'],
]);
test('duration and time: null: present, but not set', (t) => {
  t.is(field.durationSecond({ description }).convert(null), undefined);
  t.is(field.time({ description }).convert(null), undefined);
});

test('slice: anything: a list', accepts, field.slice({ description }), [
  [
    ['a', 1, { b: 2 }],
    ['a', 1, { b: 2 }],
  ],
  ['a', ['a']],
  [5, [5]],
  [{ a: 1 }, [{ a: 1 }]],
  [{}, []],
  [null, []],
]);
test('string slice: texts are trimmed, not split', accepts, field.stringSlice({ description }), [
  [
    [' a ', 'b', 5, true, null],
    ['a', 'b', '5', '1', ''],
  ],
  ['a,b', ['a,b']],
  ['', []],
  [{}, []],
  [null, []],
]);
test(
  'comma string slice: text is split at commas, elements are not',
  accepts,
  field.commaStringSlice({ description }),
  [
    ['a,,b', ['a', '', 'b']],
    [' a , b ', ['a', 'b']],
    [['a,b'], ['a,b']],
    [5, ['5']],
    ['', []],
    [null, []],
  ],
);
test('string slices: nested elements: refused, all named', refuses, field.commaStringSlice({ description }), [
  [
    ['a', { b: 1 }, ['c']],
    "2 error(s) decoding:\n\n* '[1]' expected type 'string', got unconvertible type 'map[string]interface {}'\n" +
      "* '[2]' expected type 'string', got unconvertible type '[]interface {}'",
  ],
]);
test('comma int slice: text is split at commas', accepts, field.commaIntSlice({ description }), [
  ['1,2', [1, 2]],
  ['1,,2', [1, 0, 2]],
  [
    [1, '2', true, 1.7],
    [1, 2, 1, 1],
  ],
  [5, [5]],
  ['', []],
  [null, []],
]);
test('comma int slice: elements that are no integers: refused', refuses, field.commaIntSlice({ description }), [
  ['1,x', '1 error(s) decoding:\n\n* cannot parse \'[1]\' as int: strconv.ParseInt: parsing "x": invalid syntax'],
]);

test(
  'header: object, its JSON, base64 of that, or lines: values by canonical name',
  accepts,
  field.header({ description }),
  [
    [
      { 'x-request-id': 'a', ACCEPT: ['b', 'c'], 'no header': 'd', n: 5 },
      { 'X-Request-Id': ['a'], Accept: ['b', 'c'], 'no header': ['d'], N: ['5'] },
    ],
    ['{"a":"b"}', { A: ['b'] }],
    [Buffer.from('{"a":"b"}').toString('base64'), { A: ['b'] }],
    [['a:1', 'A:2'], { A: ['1', '2'] }],
    [null, {}],
    [[], {}],
  ],
);
test('header: other forms: refused unquoted', refuses, field.header({ description }), [
  ['nonsense', 'header text is no JSON object'],
  [{ a: true }, 'received non-string value for header key:"a"'],
  [['secret'], 'invalid key pair, expected Name:value'],
  [5, 'invalid key pair, expected Name:value'],
]);

test('time: RFC 3339 and seconds: the moment', accepts, field.time({ description }), [
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31T12:00:00.123456789+01:30', '2026-01-31T10:30:00.123Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['1700000000', '2023-11-14T22:13:20.000Z'],
  [1_700_000_000, '2023-11-14T22:13:20.000Z'],
]);
test('time: other text or no such day: refused', refuses, field.time({ description }), [
  ...['', 'x', '2026-02-30T00:00:00Z', '2026-01-31 12:00:00Z', '2026-01-31T12:00:00', '2026-01-31T24:00:00Z'].map(
    (raw) => [raw, 'could not parse string as date and time'] as const,
  ),
  [1e18, 'could not parse string as date and time'],
  [true, 'could not parse time from input type'],
]);

test('JSON text: text stays, JSON becomes text', accepts, field.jsonText({ description }), [
  ['[{"a":1}]', '[{"a":1}]'],
  ['no json', 'no json'],
  [[{ a: 1 }], '[{"a":1}]'],
  [{ a: 1 }, '{"a":1}'],
  [null, ''],
]);

test('errors: a long value: quoted only in part', (t) => {
  const error = t.throws(() => field.bool({ description }).convert('x'.repeat(10_000)));
  t.true(error.message.length < 200);
});

test('errors: sensitive field: the value is never quoted', (t) => {
  for (const kind of ['int', 'int64', 'float', 'bool', 'durationSecond', 'commaIntSlice', 'keyValuePairs'] as const) {
    const schema = field[kind]({ description, isSensitive: true });
    const error = t.throws(() => schema.convert('s3ntinel'));
    t.false(error.message.includes('s3ntinel'), `${kind}: ${error.message}`);
  }
});

const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

test('every type: any JSON: a value, or a CoercionError and nothing else', (t) => {
  const schemas = Object.values(field).map((make) => make({ description }));
  fc.assert(
    fc.property(fc.oneof(anyJson, fc.array(anyJson), fc.dictionary(fc.string(), anyJson)), (raw) => {
      for (const schema of schemas) {
        try {
          fieldValueToJson(schema.convert(raw));
        } catch (error) {
          if (!(error instanceof CoercionError)) throw error;
        }
      }
    }),
    { seed: 20260101, numRuns: 1000 },
  );
  t.pass();
});

test('texts: any types but names and quoted numbers: an error never holds a piece of the value', (t) => {
  const secret = 'Zq7~hunter2';
  for (const kind of [
    'string',
    'map',
    'keyValuePairs',
    'slice',
    'stringSlice',
    'header',
    'time',
    'nameString',
  ] as const) {
    for (const raw of [secret, [secret], { a: [secret] }, [{ a: secret }], [[secret]], { [secret]: { b: secret } }]) {
      try {
        field[kind]({ description }).convert(raw);
      } catch (error) {
        const { message } = error as CoercionError;
        // A header's name may be told; its value not.
        if (kind !== 'header') t.false(message.includes(secret), `${kind}: ${message}`);
      }
    }
  }
  t.pass();
});

test('every type: texts of the largest size that a host takes: answered without backtracking for minutes', (t) => {
  const parts = ['1', '1h', '1.', '_1', '0', ' ', 'a', '-', '=', ',', ':', 'A=', '\n'];
  for (const make of Object.values(field)) {
    const schema = make({ description });
    for (const part of parts) {
      const text = part.repeat(Math.floor(200_000 / part.length));
      for (const raw of [text, `${text}!`, `+${text}`]) {
        try {
          schema.convert(raw);
        } catch (error) {
          if (!(error instanceof CoercionError)) throw error;
        }
      }
    }
  }
  t.pass();
});

test('user keys that name parts of a prototype: kept as plain names, nothing else changes', (t) => {
  const raw = JSON.parse('[{"__proto__":"p","constructor":"c"},{"toString":"s"}]') as JsonValue;
  const map = field.map({ description }).convert(raw);
  t.deepEqual(Object.keys(map ?? {}), ['__proto__', 'constructor', 'toString']);
  t.is(Object.getPrototypeOf(map), Object.prototype);
  const pairs = field.keyValuePairs({ description }).convert(raw);
  t.is(pairs?.get('__proto__'), 'p');
  const header = field.header({ description }).convert(raw);
  t.deepEqual(header?.get('Constructor'), ['c']);
  t.is(({} as Record<string, unknown>)['p'], undefined);
});

test('defaults: given, or the zero value of the type', (t) => {
  t.is(field.durationSecond({ description, default: '1h' }).absentValue, 3600);
  t.is(field.durationSecond({ description, default: '1h' }).shownDefault, '1h');
  t.is(field.durationSecond({ description, default: 5 }).absentValue, 5);
  t.throws(() => field.durationSecond({ description, default: 'soon' }), { message: /soon/ });
  t.is(field.bool({ description, default: true }).absentValue, true);
  t.deepEqual(field.commaStringSlice({ description }).absentValue, []);
  t.deepEqual(field.header({ description }).absentValue, new Map());
  t.is(field.time({ description }).absentValue, undefined);
  t.is(field.string({ description }).absentValue, '');
});
