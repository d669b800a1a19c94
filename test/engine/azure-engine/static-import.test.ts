import test from 'ava';
import { InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { formatTime } from '../../../src/util/rfc3339.ts';
import type { PasswordCredential } from '../../emulator/state/passwords.ts';
import {
  addForeignPassword,
  createRole,
  DAY_MS,
  keyIdsOf,
  MINUTE_MS,
  openRecords,
  passwordsOf,
  readCreds,
  requestToken,
  startStatic,
  type StaticWorld,
  tickAfter,
} from './_static.ts';

const KEY_ID = '44444444-0000-4000-8000-000000000001';
const SECRET = 'imp~orted-secret';

async function startWithPassword(t: Parameters<typeof startStatic>[0], lifeMs?: number): Promise<StaticWorld> {
  const setting = await startStatic(t);
  const { world, application } = setting;
  addForeignPassword(world, application.id, {
    keyId: KEY_ID,
    secretText: SECRET,
    ...(lifeMs === undefined ? {} : { lifeMs }),
  });
  return setting;
}

async function importInto(
  { engine, application }: StaticWorld,
  fields: JsonObject = {},
  path = 'static-roles/app/import',
): Promise<void> {
  await engine.request('update', path, { application_object_id: application.id, secret_id: KEY_ID, ...fields });
}

const reads = test.macro(async (t, path: string) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await importInto(setting, { client_secret: SECRET }, path);
  const [password] = passwordsOf(world, application.id);
  const creds = await readCreds(engine);
  t.like(creds, { clientId: application.appId, clientSecret: SECRET, keyId: KEY_ID, expiresAt: password!.endAt });
  t.like(await requestToken(engine), { token_type: 'Bearer' });
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID]);
});
test('full import: the secret is usable at once, its end is Azure’s', reads, 'static-roles/app/import');
test('full import: the same by the fields of the role', reads, 'static-roles/app');

test('full import: deleting the role leaves the imported secret', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await importInto(setting, { client_secret: SECRET });
  await tickAfter(world, MINUTE_MS);
  t.is(keyIdsOf(world, application.id).length, 2, 'and the staged one');
  await engine.request('delete', 'static-roles/app');
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID]);
  t.deepEqual(world.storage.keys(), ['config']);
});

test('full import: rotated, the imported secret goes with the grace period', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await importInto(setting, { client_secret: SECRET });
  await engine.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(engine);
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID, keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  t.is(keyIdsOf(world, application.id)[0], keyId);
});

test('full import: the rotation period counts from the import, and ends no later than the secret', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine } = setting;
  await importInto(setting, { client_secret: SECRET, rotation_period: '720h' });
  const next = () => engine.request('read', 'static-roles/app').then((answer) => answer?.data?.['next_rotation']);
  t.is(await next(), formatTime(new Date(world.now.getTime() + 30 * DAY_MS)));
  const [{ endAt }] = passwordsOf(world, setting.application.id) as readonly [PasswordCredential];
  await engine.request('update', 'static-roles/app', { rotation_period: 0 });
  t.is(await next(), formatTime(endAt));
});

test('full import: of the secret that the role has already changes nothing about it', async (t) => {
  const setting = await startStatic(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const creds = await readCreds(engine);
  const before = (await engine.request('read', 'static-roles/app'))?.data;
  world.moveTime(DAY_MS);
  const later = world.startProcess();
  await importInto({ ...setting, engine: later }, { secret_id: creds.keyId, client_secret: creds.clientSecret });
  t.deepEqual((await later.request('read', 'static-roles/app'))?.data, before);
  await later.request('delete', 'static-roles/app');
  t.deepEqual(keyIdsOf(world, application.id), [], 'it is still one that the engine made');
});

test('metadata import: reads and tokens are refused until the role is rotated', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await importInto(setting, { skip_import_rotation: true });
  const isRefused = {
    instanceOf: InvalidRequestError,
    message:
      "the secret of static role 'app' was imported without its text: rotate it with rotate-role/app before it can be used",
  };
  await t.throwsAsync(readCreds(engine), isRefused);
  await t.throwsAsync(requestToken(engine), isRefused);
  await tickAfter(world, MINUTE_MS);
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID]);
  t.false('next_rotation' in (await engine.request('read', 'static-roles/app'))!.data!);
  const later = world.startProcess();
  await later.request('update', 'rotate-role/app');
  const { keyId } = await readCreds(later);
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID, keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  t.false(keyIdsOf(world, application.id).includes(KEY_ID));
});

test('rotate on import: the secret is replaced in the same request, the imported one goes with the grace period', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await importInto(setting);
  const { keyId } = await readCreds(engine);
  t.not(keyId, KEY_ID);
  t.deepEqual(keyIdsOf(world, application.id), [KEY_ID, keyId]);
  await tickAfter(world, 6 * MINUTE_MS);
  t.false(keyIdsOf(world, application.id).includes(KEY_ID));
  t.deepEqual(openRecords(world), []);
});

test('rotate on import: a secret that has ended is replaced too', async (t) => {
  const setting = await startWithPassword(t, -MINUTE_MS);
  await importInto(setting);
  t.not((await readCreds(setting.engine)).keyId, KEY_ID);
});

test('import into a role that has a secret: the old one goes with the grace period', async (t) => {
  const setting = await startWithPassword(t);
  const { world, engine, application } = setting;
  await createRole(setting);
  const old = await readCreds(engine);
  await importInto(setting, { client_secret: SECRET, metadata: { team: 'web' } });
  t.is((await readCreds(engine)).keyId, KEY_ID);
  t.true(keyIdsOf(world, application.id).includes(old.keyId));
  await tickAfter(world, 6 * MINUTE_MS);
  t.false(keyIdsOf(world, application.id).includes(old.keyId));
  t.like((await engine.request('read', 'static-roles/app'))?.data, {
    rotation_period: 2592000,
    metadata: { team: 'web' },
  });
});

const refused = test.macro<[fields: JsonObject, message: RegExp, lifeMs?: number]>(
  async (t, fields, message, lifeMs) => {
    const setting = await startWithPassword(t, lifeMs);
    const { world, application } = setting;
    await t.throwsAsync(importInto(setting, fields), { instanceOf: InvalidRequestError, message });
    t.deepEqual(world.storage.keys(), ['config']);
    t.deepEqual(keyIdsOf(world, application.id), [KEY_ID]);
  },
);
test('import without a key id is refused', refused, { secret_id: '' }, /^missing required field 'secret_id'/);
test(
  'import without an application is refused',
  refused,
  { application_object_id: '' },
  /^missing required field 'application_object_id'/,
);
test(
  'import of a password that the application does not have is refused',
  refused,
  { secret_id: '55555555-0000-4000-8000-000000000001' },
  /^secret_id: application [0-9a-f-]+ has no password with key id 55555555-/,
);
test(
  'import with the text of another password is refused by its beginning',
  refused,
  { client_secret: 'xyz' },
  /^client_secret is not the text of the password 44444444-.*, which begins with "imp"$/,
);
test(
  'import with a text that Azure does not accept is refused with its reason',
  refused,
  { client_secret: 'imp~typo' },
  /^client_secret is not accepted by Azure; .*: log in with the imported client_secret: 401 AADSTS7000215: /,
);
test(
  'import of a password that has ended is refused',
  refused,
  { client_secret: SECRET },
  /^secret_id: the password 44444444-.* ended at /,
  -MINUTE_MS,
);
