import test from 'ava';
import { YoungApplications } from '../../../../src/engines/azure/young-applications.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

test('young applications: known for five minutes, in any case of their id, until they are deleted', async (t) => {
  const clock = new FakeClock();
  const young = new YoungApplications(clock);
  young.add('ABC');
  young.add('def');
  t.true(young.has('abc'));
  t.false(young.has('other'));
  young.delete('DEF');
  t.false(young.has('def'));
  await clock.advance(5 * 60_000);
  t.true(young.has('abc'));
  await clock.advance(1);
  t.false(young.has('abc'));
});
