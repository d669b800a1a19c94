/**
 * The crash matrix, in process: a procedure is recorded once, then run again for every outside call that it made, in
 * every way in which that call can go wrong. Recovery runs on what is left, and the tenant is compared with storage.
 */
import type { ExecutionContext } from 'ava';
import { type EngineProcess, type EngineWorld, STRIKE_MODES, type Strike } from '../../helpers/engine-world.ts';
import type { MemoryStorage } from '../../helpers/memory-storage.ts';

const MINUTE_MS = 60_000;

export interface CrashScenario<Prepared, Result> {
  readonly world: EngineWorld;
  /** The storage that every run starts from. */
  readonly storage: MemoryStorage;
  /** Before the calls are counted; its process ends before the procedure starts. */
  prepare(engine: EngineProcess): Promise<Prepared>;
  /** The procedure under test. */
  run(engine: EngineProcess, prepared: Prepared): Promise<Result>;
  /**
   * What the host does afterwards when the procedure answered (`result`) or not (`undefined`): it revokes a lease that
   * it got, repeats a revocation. `engine` is a healthy process.
   */
  conclude(engine: EngineProcess, prepared: Prepared, result: Result | undefined): Promise<void>;
  /** Objects of the tenant that must remain once everything is over. */
  readonly remaining: readonly string[];
  /** Objects that are left out of all comparisons, because `check` looks at them. */
  ignores?(object: string): boolean;
  /** More to assert when everything is over. */
  check?(t: ExecutionContext, engine: EngineProcess, where: string): Promise<void>;
}

/** Ids of what a lease in the host's hands stands for. */
function leaseText(result: unknown): string {
  return JSON.stringify(result ?? {});
}

/**
 * Records the procedure, then strikes at every point of the record in every mode: there is no list of points to keep, so
 * no new call goes without. Tells how many there were.
 */
export async function runCrashMatrix<Prepared, Result>(
  t: ExecutionContext,
  scenario: CrashScenario<Prepared, Result>,
): Promise<void> {
  const points = await runOnce(t, scenario, undefined);
  t.is(new Set(points).size, points.length, 'each point has a name of its own');
  t.true(points.length > 3, 'the procedure made no outside calls');
  for (const point of points) {
    for (const mode of STRIKE_MODES) await runOnce(t, scenario, { point, mode });
  }
  const outside = points.filter((point) => / (graph|arm|entra) /.test(point)).length;
  t.log(`${points.length} points (${outside} calls to Azure), ${points.length * STRIKE_MODES.length} strikes`);
}

async function runOnce<Prepared, Result>(
  t: ExecutionContext,
  scenario: CrashScenario<Prepared, Result>,
  strike: Strike | undefined,
): Promise<string[]> {
  const { world } = scenario;
  const where = strike === undefined ? 'recording' : `${strike.mode} at ${strike.point}`;
  world.reset(scenario.storage);
  const isIgnored = (object: string): boolean => scenario.ignores?.(object) ?? false;
  const baseline = new Set(world.objects());
  const first = world.startProcess();
  const prepared = await scenario.prepare(first);

  const struck = world.startProcess();
  struck.gate.arm(strike);
  const outcome = await Promise.race([
    struck.gate.died,
    scenario.run(struck, prepared).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    ),
  ]);
  const points = [...struck.gate.points];
  if (outcome !== 'died') await struck.settle();
  const result = outcome !== 'died' && 'result' in outcome ? outcome.result : undefined;
  if (strike !== undefined) t.true(struck.gate.hasStruck, `${where}: the point was not reached again`);

  // Recovery: the minute ticks of the hour that follows, in a new process.
  const wasTold = leaseText(result) + leaseText(prepared);
  const healthy = await tickThrough(world, [2, 5, 20, 20, 20, 20]);
  const storedText = [...world.storage.dump().values()].join('\n');
  const uncovered = world
    .objects()
    .filter((object) => !baseline.has(object) && !isIgnored(object) && !isCovered(object, storedText + wasTold));
  t.deepEqual(uncovered, [], `${where}: objects without a lease, a role or a deadline an hour later`);
  t.deepEqual(
    world.storage.keys().filter((key) => key.startsWith('operations/')),
    [],
    `${where}: intents an hour later`,
  );

  await scenario.conclude(healthy, prepared, result);
  const last = await tickThrough(world, [33 * 24 * 60, 2, 60]);
  t.deepEqual(
    world.objects().filter((object) => !isIgnored(object)),
    scenario.remaining.filter((object) => !isIgnored(object)),
    `${where}: objects when everything is over`,
  );
  await scenario.check?.(t, last, where);
  t.deepEqual(
    world.storage.keys().filter((key) => /^(operations|issued|leftover|retired)\//.test(key)),
    [],
    `${where}: records when everything is over`,
  );
  await world.stopProcesses();
  return points;
}

/** One process per tick: nothing may depend on what a process remembers. @returns the last one. */
async function tickThrough(world: EngineWorld, minutes: readonly number[]): Promise<EngineProcess> {
  let engine = world.startProcess();
  for (const pause of minutes) {
    world.moveTime(pause * MINUTE_MS);
    engine = world.startProcess();
    await engine.tick();
  }
  return engine;
}

/** An object is covered when its id (or its application's) stands in a record or a lease. */
function isCovered(object: string, text: string): boolean {
  const ids = object.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
  return ids.some((id) => text.includes(id));
}
