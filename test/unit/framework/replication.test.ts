import test from 'ava';
import { InternalError, NotSupportedByHostError, StorageError } from '../../../src/errors.ts';
import { createReadOnlyError, isReadOnlyError, isWriteSafe } from '../../../src/framework/replication.ts';
import { ReplicationState } from '../../../src/logical/index.ts';
import { FakeSystemView } from '../../helpers/fake-system-view.ts';

test('write safety: by the state of the node and whether the mount is local', async (t) => {
  const { performanceSecondary, performanceStandby, drSecondary, performancePrimary, drPrimary } = ReplicationState;
  const table: readonly (readonly [bits: number, isLocal: boolean, isSafe: boolean])[] = [
    [0, false, true],
    [12288, false, true],
    [performancePrimary | drPrimary, false, true],
    [performanceSecondary, false, false],
    [performanceSecondary, true, true],
    [drSecondary, false, false],
    [drSecondary, true, false],
    [performanceStandby, false, false],
    [performanceStandby, true, false],
    [performanceSecondary | performanceStandby, true, false],
  ];
  for (const [bits, isLocal, isSafe] of table) {
    const systemView = new FakeSystemView();
    systemView.replication = bits;
    systemView.localMount = isLocal;
    t.is(await isWriteSafe(systemView), isSafe, `${bits} ${String(isLocal)}`);
  }
});

test('write safety: host does not tell: safe; host fails: told', async (t) => {
  const systemView = new FakeSystemView();
  systemView.failure = new NotSupportedByHostError('no');
  t.true(await isWriteSafe(systemView));
  systemView.failure = new InternalError('gone');
  await t.throwsAsync(isWriteSafe(systemView), { message: 'gone' });
});

test('read-only errors: known by their text, however wrapped', (t) => {
  t.true(isReadOnlyError(createReadOnlyError()));
  t.true(isReadOnlyError(new Error('put config: cannot write to readonly storage: try later')));
  t.false(isReadOnlyError(new StorageError('cannot write to storage during setup')));
  t.false(isReadOnlyError(undefined));
});
