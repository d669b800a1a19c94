import test from 'ava';
import {
  errorResponse,
  listResponse,
  listResponseWithInfo,
  omitUndefined,
  withWarnings,
} from '../../../src/framework/responses.ts';

test('lists: keys, and facts about them when there are any', (t) => {
  t.deepEqual(listResponse(['a', 'b']), { data: { keys: ['a', 'b'] } });
  t.deepEqual(listResponse([]), { data: {} });
  t.deepEqual(listResponseWithInfo(['a'], { a: { n: 1 } }), { data: { keys: ['a'], key_info: { a: { n: 1 } } } });
  t.deepEqual(listResponseWithInfo(['a'], {}), { data: { keys: ['a'] } });
  t.deepEqual(listResponseWithInfo([], {}), { data: {} });
});

test('warnings: added after those that are there; none: the same response', (t) => {
  const response = { data: {}, warnings: ['a'] };
  t.deepEqual(withWarnings(response, ['b']), { data: {}, warnings: ['a', 'b'] });
  t.is(withWarnings(response, []), response);
  t.deepEqual(withWarnings({}, ['b']), { warnings: ['b'] });
});

test('small answers: an error alone; members that are not there left out', (t) => {
  t.deepEqual(errorResponse('no'), { data: { error: 'no' } });
  t.deepEqual(omitUndefined({ a: 1, b: undefined, c: null }), { a: 1, c: null });
});
