import test from 'ava';
import { InvariantError, InvalidRequestError } from '../../../src/errors.ts';
import { field, type FieldTable } from '../../../src/framework/field-schema.ts';
import { definePath, type PathSpec } from '../../../src/framework/path.ts';
import type { PathRequest } from '../../../src/framework/path-request.ts';
import { makeRequest } from '../../helpers/requests.ts';

const handler = async (): Promise<undefined> => undefined;
const nothing = { fields: {}, synopsis: '', description: '', operations: {} };

test('path tables with a mistake: refused at start', (t) => {
  const name = field.string({ description: '' });
  const mistakes: readonly (readonly [string, PathSpec<FieldTable>])[] = [
    ['blank', { ...nothing, pattern: '' }],
    ['syntax', { ...nothing, pattern: 'a(' }],
    ['capture without field', { ...nothing, pattern: '(?P<name>.)' }],
    ['prototype name', { ...nothing, pattern: 'a', fields: { constructor: name } }],
    ['odd name', { ...nothing, pattern: 'a', fields: { 'a-b': name } }],
    ['create, no check', { ...nothing, pattern: 'a', operations: { create: { handler, summary: '' } } }],
  ];
  for (const [what, spec] of mistakes) t.throws(() => definePath(spec), { instanceOf: InvariantError }, what);
});

test('handler: fields and given: typed by the table, defaults only in fields', async (t) => {
  const table = {
    name: field.lowerCaseString({ description: '' }),
    ttl: field.durationSecond({ description: '', default: 60 }),
    max_ttl: field.durationSecond({ description: '' }),
    tags: field.commaStringSlice({ description: '' }),
    is_on: field.bool({ description: '', default: true }),
    until: field.time({ description: '' }),
  };
  let seen: PathRequest<typeof table> | undefined;
  const path = definePath({
    ...nothing,
    pattern: 'roles/(?P<name>.+)',
    fields: table,
    operations: {
      update: {
        summary: 'write',
        handler: async (request) => {
          seen = request;
          // The next lines compile only when each property has the type of its field.
          const total: number = request.fields.ttl + request.fields.max_ttl;
          const first: string | undefined = request.given.tags?.[0];
          const until: number | undefined = request.fields.until?.getTime();
          return { data: { total, first: first ?? '', until: until ?? 0 } };
        },
      },
    },
  });
  const request = makeRequest({ operation: 'update', path: 'roles/App', displayName: 'token-me' });
  const raw = new Map(
    Object.entries({ name: 'App', tags: 'a,b', is_on: false, ttl: null, max_ttl: '1h', extra: 1, until: null }),
  );
  const response = await path.operations.get('update')?.run(request, raw);
  t.deepEqual(response, { data: { total: 3660, first: 'a', until: 0 } });
  t.deepEqual(seen?.given, { name: 'app', tags: ['a', 'b'], is_on: false, max_ttl: 3600 });
  t.deepEqual(seen?.fields, {
    name: 'app',
    ttl: 60,
    max_ttl: 3600,
    tags: ['a', 'b'],
    is_on: false,
    until: undefined,
  });
  t.is(seen?.raw.get('extra'), 1);
  t.is(seen?.displayName, 'token-me');
  t.is(seen?.signal, request.signal);
});

test('handler: a field that does not fit: not called, the error names the first in the table', async (t) => {
  let calls = 0;
  const path = definePath({
    ...nothing,
    pattern: 'a',
    fields: { b: field.int({ description: '' }), a: field.bool({ description: '' }) },
    operations: { read: { summary: '', handler: async () => void (calls += 1) } },
  });
  const raw = new Map(Object.entries({ a: 'x', b: 'y' }));
  await t.throwsAsync(path.operations.get('read')?.run(makeRequest(), raw) ?? t.fail(), {
    instanceOf: InvalidRequestError,
    message:
      'Field validation failed: error converting input for field "b": cannot parse \'\' as int: strconv.ParseInt: parsing "y": invalid syntax',
  });
  t.is(calls, 0);
});
