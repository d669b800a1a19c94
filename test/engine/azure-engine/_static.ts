/** What the tests of static roles have in common. */
import type { ExecutionContext } from 'ava';
import type { JsonObject, JsonValue } from '../../../src/util/json.ts';
import type { Application } from '../../emulator/state/applications.ts';
import type { PasswordCredential } from '../../emulator/state/passwords.ts';
import { type EngineProcess, EngineWorld } from '../../helpers/engine-world.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The shortest period that there is: 720 h. */
export const PERIOD_MS = 30 * DAY_MS;
export const SCOPE = 'https://graph.microsoft.com/.default';

export interface StaticWorld {
  readonly world: EngineWorld;
  readonly engine: EngineProcess;
  /** The existing application whose secret is kept. */
  readonly application: { readonly id: string; readonly appId: string };
}

export async function startStatic(t: ExecutionContext): Promise<StaticWorld> {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  const [application] = world.emulator.applications;
  if (application === undefined) throw new Error('the tenant has no application');
  changeApplication(world, application.id, { passwords: [] });
  return { world, engine, application };
}

export async function createRole({ engine, application }: StaticWorld, fields: JsonObject = {}): Promise<void> {
  await engine.request('create', 'static-roles/app', {
    application_object_id: application.id,
    rotation_period: '720h',
    ...fields,
  });
}

/** The passwords of an application with their texts. */
export function passwordsOf(world: EngineWorld, applicationObjectId: string): readonly PasswordCredential[] {
  const application = [...world.emulator.state().applications.list()].find(({ id }) => id === applicationObjectId);
  return application?.passwords ?? [];
}

export function keyIdsOf(world: EngineWorld, applicationObjectId: string): string[] {
  return passwordsOf(world, applicationObjectId).map(({ keyId }) => keyId);
}

/** What somebody else does to an application. */
export function changeApplication(
  world: EngineWorld,
  applicationObjectId: string,
  change: Partial<Pick<Application, 'passwords' | 'signInAudience'>>,
): void {
  const { applications } = world.emulator.state();
  const application = [...applications.list()].find(({ id }) => id === applicationObjectId);
  if (application === undefined) throw new Error('no such application');
  applications.put({ ...application, ...change });
}

/** A password that somebody else has made. */
export function addForeignPassword(
  world: EngineWorld,
  applicationObjectId: string,
  { keyId, secretText, lifeMs = 365 * DAY_MS }: { keyId: string; secretText: string; lifeMs?: number },
): void {
  const password = {
    keyId,
    secretText,
    displayName: 'by hand',
    startAt: new Date(world.now.getTime() - DAY_MS),
    endAt: new Date(world.now.getTime() + lifeMs),
  };
  changeApplication(world, applicationObjectId, { passwords: [...passwordsOf(world, applicationObjectId), password] });
}

/** From now on the application takes two passwords only. */
export function allowPersonalAccounts(world: EngineWorld, applicationObjectId: string): void {
  changeApplication(world, applicationObjectId, { signInAudience: 'AzureADandPersonalMicrosoftAccount' });
}

export interface Creds {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly keyId: string;
  readonly ttlSeconds: number;
  readonly expiresAt: Date;
}

export async function readCreds(engine: EngineProcess, roleName = 'app'): Promise<Creds> {
  const data = (await engine.request('read', `static-creds/${roleName}`))?.data ?? {};
  return {
    clientId: readText(data['client_id']),
    clientSecret: readText(data['client_secret']),
    keyId: readText(data['secret_id']),
    ttlSeconds: Number(data['ttl']),
    expiresAt: new Date(readText(data['expiration'])),
  };
}

export function readText(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new Error('text expected');
  return value;
}

/** Logs in with the secret that the role hands out. @throws what the engine throws */
export async function requestToken(engine: EngineProcess, roleName = 'app'): Promise<JsonObject> {
  return (await engine.request('update', `static-creds/${roleName}/token`, { scope: SCOPE }))?.data ?? {};
}

/** A minute later in a process of its own: nothing may depend on what a process remembers. */
export async function tickAfter(world: EngineWorld, pauseMs: number): Promise<EngineProcess> {
  world.moveTime(pauseMs);
  const engine = world.startProcess();
  await engine.tick();
  return engine;
}

export function storedCreds(world: EngineWorld, roleName = 'app'): JsonObject {
  return world.storage.readJson(`static-creds/${roleName}`) as JsonObject;
}

/** Keys of the records that only unfinished work leaves. */
export function openRecords(world: EngineWorld): string[] {
  return world.storage.keys().filter((key) => /^(?:operations|issued|leftover)\//.test(key));
}
