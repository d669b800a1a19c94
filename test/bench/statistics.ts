/** Medians, and the order of measuring: what the machine does meanwhile must hit both sides alike. */

/** The middle value, or the mean of the two in the middle. @throws RangeError without values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/**
 * Measures each subject once a round, in turns that change their order from round to round.
 * @param signal ends it between two measurements, by throwing
 * @returns the values of each subject, in its order
 */
export async function interleave<Subject, Value>(
  subjects: readonly Subject[],
  rounds: number,
  signal: AbortSignal,
  measure: (subject: Subject) => Promise<Value>,
): Promise<Value[][]> {
  const values = subjects.map((): Value[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...subjects.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      signal.throwIfAborted();
      values[index]!.push(await measure(subjects[index]!));
    }
  }
  return values;
}

/** How long something takes, in milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
