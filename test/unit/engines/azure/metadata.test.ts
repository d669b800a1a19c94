import test from 'ava';
import fc from 'fast-check';
import {
  mergeMetadata,
  metadataField,
  metadataQuery,
  NO_METADATA,
  readMetadata,
  shownMetadata,
  storedMetadata,
} from '../../../../src/engines/azure/metadata.ts';
import { type JsonValue, parseJsonObject } from '../../../../src/util/json.ts';

const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });
const metadata = fc
  .uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 5 })
  .map((pairs) => new Map(pairs));

const read = test.macro((t, raw: JsonValue, expected: Record<string, string>) => {
  t.deepEqual(metadataField('').convert(raw), new Map(Object.entries(expected)));
});
test('field, an object, is taken', read, { team: 'a', size: 3, on: true }, { team: 'a', size: '3', on: '1' });
test('field, the JSON text of an object, is taken', read, ' {"team":"a=b"}', { team: 'a=b' });
test('field, an empty text, is none', read, '', {});
test('field, one pair, is taken', read, 'team=a=b', { team: 'a=b' });
test('field, a list of pairs, is taken', read, ['team=a', 'env=b'], { team: 'a', env: 'b' });

test('field, what is neither, is refused', (t) => {
  for (const raw of ['team', '{"team":', ['team'], { team: { name: 'a' } }]) {
    t.throws(() => metadataField('').convert(raw), { name: 'CoercionError' });
  }
});

test('query field, is a query', (t) => {
  t.true(metadataQuery().isQuery);
  t.false(metadataField('').isQuery);
});

test('record, written and read back, is the same', (t) => {
  fc.assert(
    fc.property(metadata, (original) => {
      t.deepEqual(readMetadata(parseJsonObject(JSON.stringify(storedMetadata(original)))), original);
    }),
    { seed: 1 },
  );
});

test('record, absent or null, is none; of another form, is the constant', (t) => {
  t.deepEqual(readMetadata({}), new Map());
  t.deepEqual(readMetadata({ metadata: null }), new Map());
  for (const stored of ['{"team":"a"}', ['team=a'], { team: 1 }, { team: null }]) {
    t.is(readMetadata({ metadata: stored }), 'invalid_data');
  }
});

test('merge, a name that both have, keeps the value of the role', (t) => {
  fc.assert(
    fc.property(metadata, metadata, (asked, ofRole) => {
      const merged = mergeMetadata(asked, ofRole);
      const expected = [...asked, ...ofRole].map(([name, value]) => [name, ofRole.get(name) ?? value] as const);
      t.deepEqual(merged, new Map(expected));
    }),
    { seed: 1 },
  );
  t.is(mergeMetadata(new Map([['team', 'a']]), 'invalid_data'), 'invalid_data');
});

test('answer, none, has no such field; what cannot be read is the constant', (t) => {
  t.deepEqual(shownMetadata(NO_METADATA), {});
  t.deepEqual(shownMetadata(new Map([['team', 'a']])), { metadata: { team: 'a' } });
  t.deepEqual(shownMetadata('invalid_data'), { metadata: 'invalid_data' });
});

test('stored, what cannot be read, is left as it was', (t) => {
  t.deepEqual({ metadata: [1], ...storedMetadata('invalid_data') }, { metadata: [1] });
});
