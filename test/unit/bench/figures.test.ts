import test from 'ava';
import { isReached, renderTable, type Figure, type Goal } from '../../bench/figures.ts';
import { interleave, median } from '../../bench/statistics.ts';

const never = new AbortController().signal;

const judged = test.macro((t, goal: Goal | undefined, ours: number, other: number, expected: boolean | undefined) => {
  t.is(isReached({ name: 'x', unit: 'ms', ours, other, ...(goal === undefined ? {} : { goal }) }), expected);
});
test('goal, our own limit kept: reached', judged, { of: 'ours', atMost: 60 }, 60, 1, true);
test('goal, our own limit exceeded: missed', judged, { of: 'ours', atMost: 60 }, 61, 100, false);
test('goal, a ratio of at most 0.8 kept: reached', judged, { of: 'ratio', atMost: 0.8 }, 8, 10, true);
test('goal, a ratio of at least 1.5 not there: missed', judged, { of: 'ratio', atLeast: 1.5 }, 14, 10, false);
test('goal, none: neither', judged, undefined, 1, 1, undefined);

test('table, figures of different widths: columns in line, numbers to the right', (t) => {
  const figures: Figure[] = [
    {
      name: 'reads',
      unit: '/s',
      ours: 12_345.6,
      other: 987.6,
      goal: { of: 'ratio', atLeast: 1.5 },
      note: 'with a note',
    },
    { name: 'start', unit: 'ms', ours: 61.25, other: 9, goal: { of: 'ours', atMost: 60 } },
  ];
  t.is(
    renderTable(figures, { ours: 'ours', other: 'Go' }),
    [
      '           ours      Go   ratio  goal',
      'reads  12346 /s  988 /s  12.50x  ≥ 1.5x   reached  with a note',
      'start   61.3 ms    9 ms   6.81x  ≤ 60 ms  missed',
    ].join('\n'),
  );
});

test('median, odd and even counts: the middle, the mean of the two in the middle', (t) => {
  t.is(median([9, 1, 5]), 5);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.throws(() => median([]), { instanceOf: RangeError });
});

test('interleave, three rounds of two: the order turns, the values stay with their subject', async (t) => {
  const order: string[] = [];
  const values = await interleave(['a', 'b'], 3, never, async (subject) => {
    order.push(subject);
    return `${subject}${order.length}`;
  });
  t.deepEqual(order, ['a', 'b', 'b', 'a', 'a', 'b']);
  t.deepEqual(values, [
    ['a1', 'a4', 'a5'],
    ['b2', 'b3', 'b6'],
  ]);
});

test('interleave, ended: throws before the next measurement', async (t) => {
  const ending = new AbortController();
  let count = 0;
  const work = interleave(['a', 'b'], 3, ending.signal, async () => {
    count += 1;
    ending.abort(new Error('ended'));
  });
  await t.throwsAsync(work, { message: 'ended' });
  t.is(count, 1);
});
