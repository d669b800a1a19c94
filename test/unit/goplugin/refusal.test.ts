import test from 'ava';
import { formatRefusal } from '../../../src/goplugin/refusal.ts';

test('refusal: one line that no host takes for a handshake', (t) => {
  t.is(
    formatRefusal('cannot listen on /tmp/a|b|c|d:\n  no such\tfolder\n'),
    'vault-plugin-azure: cannot listen on /tmp/a¦b¦c¦d: no such folder\n',
  );
});

test('refusal: a long reason is cut, so that the pipe to the host never fills', (t) => {
  const line = formatRefusal('x'.repeat(100_000));
  t.true(line.length < 1000);
  t.true(line.endsWith('x\n'));
});
