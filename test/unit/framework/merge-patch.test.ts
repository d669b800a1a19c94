import test from 'ava';
import fc from 'fast-check';
import { CodedError } from '../../../src/errors.ts';
import { field } from '../../../src/framework/field-schema.ts';
import { applyMergePatch, buildMergePatch } from '../../../src/framework/merge-patch.ts';
import { definePath } from '../../../src/framework/path.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { makeRequest } from '../../helpers/requests.ts';

/** Cases of RFC 7396, appendix A, whose target and patch are objects. */
const standardCases: readonly (readonly [target: string, patch: string, result: string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ['{"a":1}', '{"__proto__":{"a":2}}', '{"a":1,"__proto__":{"a":2}}'],
];

test("merge patch: the standard's own cases", (t) => {
  for (const [target, patch, result] of standardCases) {
    const merged = applyMergePatch(JSON.parse(target) as JsonObject, JSON.parse(patch) as JsonObject);
    t.is(JSON.stringify(merged), result, patch);
  }
});

test('merge patch: no resource: 404', (t) => {
  t.throws(() => applyMergePatch(undefined, {}), {
    instanceOf: CodedError,
    message: 'resource does not exist',
    code: 'ERR_CODED',
  });
});

test('merge patch: applied twice: as once; the target stays as it was', (t) => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;
  fc.assert(
    fc.property(objects, objects, (target, patch) => {
      const before = JSON.stringify(target);
      const once = applyMergePatch(target, patch);
      t.deepEqual(applyMergePatch(once, patch), once);
      t.is(JSON.stringify(target), before);
    }),
    { seed: 20260101, numRuns: 300 },
  );
});

test('patch of a request: converted fields, null where null was sent, nothing captured or unknown', async (t) => {
  const path = definePath({
    pattern: 'roles/(?P<name>.+)',
    fields: {
      name: field.string({ description: '' }),
      ttl: field.durationSecond({ description: '', default: 60 }),
      max_ttl: field.durationSecond({ description: '' }),
      tags: field.commaStringSlice({ description: '' }),
      metadata: field.keyValuePairs({ description: '' }),
      until: field.time({ description: '' }),
      untouched: field.string({ description: '' }),
    },
    synopsis: '',
    description: '',
    operations: { patch: { summary: '', handler: async (request) => ({ data: buildMergePatch(request) }) } },
  });
  const data: JsonObject = { ttl: '1h', max_ttl: null, tags: 'a,b', metadata: { k: 1 }, until: 0, unknown: 1 };
  const raw = new Map(Object.entries({ ...data, name: 'app' }));
  const response = await path.operations.get('patch')?.run(makeRequest({ operation: 'patch', data }), raw);
  t.deepEqual(response?.data, {
    ttl: 3600,
    max_ttl: null,
    tags: ['a', 'b'],
    metadata: { k: '1' },
    until: '1970-01-01T00:00:00.000Z',
  });
});
