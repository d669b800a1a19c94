/** Bounded parallel work where every part runs, whatever becomes of the others. */

export interface Settled<T, R> {
  readonly item: T;
  readonly result: PromiseSettledResult<R>;
}

/** Runs `work` on every item, at most `limit` at a time; answers in the order of `items`; never throws. */
export async function settleAll<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<Settled<T, R>[]> {
  const settled: Settled<T, R>[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      const [result] = await Promise.allSettled([work(item)]);
      settled[index] = { item, result };
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return settled;
}

/** The reasons of those that failed. */
export function rejections(settled: readonly Settled<unknown, unknown>[]): unknown[] {
  return settled.flatMap(({ result }) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}
