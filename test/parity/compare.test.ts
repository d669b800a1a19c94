/** The comparison itself: what it must see, and what it must not. */
import test from 'ava';
import { findDiscrepancies, normalize } from './_compare.ts';
import { DIFFERENCES, judge } from './_differences.ts';

const naming = { mountPath: 'azure-ours', knownIds: new Set(['11111111-2222-3333-4444-555555555555']) };
const same = (value: unknown): unknown => normalize(value, naming);

test('ids, secrets, times and leases: made equal, those of the seeded tenant are not', (t) => {
  t.deepEqual(
    same({
      request_id: 'x',
      lease_id: 'azure-ours/creds/r/abcdefghijklmnopqrstuvwx',
      client_secret: 's',
      text: 'app 3f0c1d2e-0000-4000-8000-000000000001 of 11111111-2222-3333-4444-555555555555',
      at: '2026-11-23T04:00:00.123Z',
    }),
    {
      lease_id: '<mount>/creds/r/<lease>',
      client_secret: '<string>',
      text: 'app <guid> of 11111111-2222-3333-4444-555555555555',
      at: '<time>',
    },
  );
});

test('countdowns: a few seconds are nothing, more are', (t) => {
  t.deepEqual(same({ ttl: 3599, lease_duration: 3590, max_ttl: 3599 }), {
    ttl: 3600,
    lease_duration: 3600,
    max_ttl: 3599,
  });
  t.deepEqual(same({ ttl: 3589 }), { ttl: 3589 });
  t.is(same('of "2h59m59s"'), 'of "3h"');
  t.is(same('of "59m52s" or "9m51s"'), 'of "1h" or "10m"');
});

test('values: type, presence and place count, the order of members does not', (t) => {
  t.deepEqual(findDiscrepancies({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }), []);
  t.deepEqual(findDiscrepancies({ a: 1, b: [1, 2] }, { a: '1', b: [1], c: null }), [
    { at: 'a', theirs: '1', ours: '"1"' },
    { at: 'b.1', theirs: '2', ours: 'absent' },
    { at: 'c', theirs: 'absent', ours: 'null' },
  ]);
  t.deepEqual(findDiscrepancies(null, {}), [{ at: '', theirs: 'null', ours: '{}' }]);
});

test('the list: what it does not explain is told, and what it explains but did not occur', (t) => {
  const unknown = { pair: 'config: new', discrepancies: [{ at: 'status', theirs: '204', ours: '500' }] };
  const verdict = judge([unknown, { pair: 'config: read', discrepancies: [] }]);
  t.deepEqual(verdict.unlisted, ['config: new @ status: 204 | 500']);
  t.is(verdict.differing, 1);
  t.is(verdict.miscounted.length, DIFFERENCES.flatMap(({ seen }) => seen).length);
});
