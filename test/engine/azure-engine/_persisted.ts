/** What tests of roles with an application of their own start from, and how they look at it. */
import type { ExecutionContext } from 'ava';
import type { JsonObject } from '../../../src/util/json.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

export const MINUTE_MS = 60_000;

export interface Setting {
  readonly world: EngineWorld;
  readonly engine: EngineProcess;
  /** Objects of the tenant before anything was made. */
  readonly before: readonly string[];
}

export async function start(t: ExecutionContext): Promise<Setting> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  return { world, engine, before: world.objects() };
}

export async function startPersisted(t: ExecutionContext, fields: JsonObject = {}): Promise<Setting> {
  const setting = await start(t);
  await setting.engine.request('create', 'roles/app', {
    ...setting.world.dynamicRole(),
    persist_app: true,
    ...fields,
  });
  return setting;
}

export const stored = ({ world }: Setting): JsonObject => world.storage.readJson('roles/app') as JsonObject;

export const listOf = (value: unknown): string[] => value as string[];

/** As the emulator shows it. */
type Application = ReturnType<EngineWorld['emulator']['tenant']>['applications'][number];

export const applicationOf = (setting: Setting): Application | undefined =>
  setting.world.emulator.tenant().applications.find(({ id }) => id === stored(setting)['application_object_id']);

export const at = ({ world }: Setting): string => `/subscriptions/${world.emulator.subscriptionId}`;

export const groupId = ({ world }: Setting, index: number): string => world.emulator.groups[index]?.id ?? '';

/** What the role's principal has, by GUID and id. */
export function rights(setting: Setting): { assignments: string[]; groups: string[] } {
  const principalId = stored(setting)['sp_object_id'] as string;
  const tenant = setting.world.emulator.tenant();
  return {
    assignments: tenant.roleAssignments
      .filter((assignment) => assignment.principalId === principalId)
      .map(({ name }) => name),
    groups: tenant.groups.filter(({ members }) => members.includes(principalId)).map(({ id }) => id),
  };
}

export const guidsOf = (setting: Setting): string[] =>
  listOf(stored(setting)['role_assignment_ids'] ?? []).map((id) => id.slice(id.lastIndexOf('/') + 1));

/** Minute ticks of new processes, each after a pause. */
export async function tickThrough({ world }: Setting, minutes: readonly number[]): Promise<void> {
  for (const pause of minutes) {
    world.moveTime(pause * MINUTE_MS);
    await world.startProcess().tick();
  }
}

export const RECOVERY = [2, 16, 16, 16];

export const countOf = ({ before }: Setting): number =>
  before.filter((object) => object.startsWith('application ')).length;

/** As the Go plugin leaves it when persist_app is switched off. */
export async function leaveOff(setting: Setting, fields: JsonObject = {}): Promise<EngineProcess> {
  setting.world.storage.writeJson('roles/app', { ...stored(setting), persist_app: false, ...fields });
  return setting.world.startProcess();
}
