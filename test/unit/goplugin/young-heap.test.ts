import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import test from 'ava';
import { limitYoungHeap } from '../../../src/goplugin/young-heap.ts';

const youngMegabytes = (): number =>
  (getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0) / 2 ** 20;

/** About 100 MB in small objects, some of which live for a while, as calls leave them behind. */
async function allocate(): Promise<void> {
  const kept: unknown[] = [];
  for (let turn = 0; turn < 1_000; turn++) {
    for (let index = 0; index < 1_000; index++) kept[(turn * 1_000 + index) % 20_000] = { turn, index, list: [index] };
    await nextTurn();
  }
}

test('young heap, much allocated, stays small', async (t) => {
  limitYoungHeap();
  await allocate();
  t.true(youngMegabytes() <= 8, `${youngMegabytes()} MB`);
});
