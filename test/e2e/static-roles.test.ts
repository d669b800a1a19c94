/** Static roles, typed as an operator types them, against a real host: every documented command, and a restart. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CliResult } from '../host/start-vault.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { serveAzureHost } from './_azure-host.ts';
import { addOperator, type Operator } from './_operator.ts';

const azure = serveAzureHost(test, { storage: 'raft', logLevel: 'trace' });

/** The host calls for the work of a minute once a minute. */
const MINUTE_WORK_LIMIT_MS = 150_000;

interface Secret {
  readonly client_id: string;
  readonly client_secret: string;
  readonly secret_id: string;
  readonly expiration: string;
  readonly ttl: number;
  readonly metadata: Record<string, string>;
}

async function succeed(t: ExecutionContext, args: readonly string[], stdout?: string): Promise<CliResult> {
  const result = await azure().host.cli(args);
  t.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' }, args.join(' '));
  if (stdout !== undefined) t.is(result.stdout, stdout);
  return result;
}

/** The command fails with `text` in what it prints. */
async function fail(t: ExecutionContext, args: readonly string[], text: RegExp): Promise<void> {
  const result = await azure().host.cli(args);
  t.is(result.code, 2, args.join(' '));
  t.regex(result.stderr, text);
}

async function readData<T>(t: ExecutionContext, path: string, ...args: readonly string[]): Promise<T> {
  const { stdout } = await succeed(t, ['read', '-format=json', path, ...args]);
  return JSON.parse(stdout).data as T;
}

async function readSecret(t: ExecutionContext, path: string, ...args: readonly string[]): Promise<Secret> {
  const secret = await readData<Secret>(t, path, ...args);
  azure().secrets.add(secret.client_secret);
  return secret;
}

const login = ({ client_id: clientId, client_secret: clientSecret }: Secret) => ({ clientId, clientSecret });

function keyIds({ applicationObjectId }: Operator): string[] {
  const { applications } = azure().emulator.tenant();
  return applications.find(({ id }) => id === applicationObjectId)!.passwords.map(({ keyId }) => keyId);
}

/** An application of the test's own, with one password, whose text is known. */
function addApplication(t: ExecutionContext, name: string): Operator & { readonly keyId: string } {
  const application = addOperator(t, azure().emulator, name);
  azure().secrets.add(application.clientSecret);
  return { ...application, keyId: keyIds(application)[0]! };
}

test('a static role: create, read, list, secret, metadata, token, rotate, update and delete', async (t) => {
  const { path: mount } = await azure().mount('static');
  const application = addApplication(t, 'static-commands');
  const written = 'Success! Data written to: static/static-roles/web\n';
  await succeed(
    t,
    [
      ...['write', `${mount}/static-roles/Web`, `application_object_id=${application.applicationObjectId}`],
      ...['rotation_period=8760h', 'rotation_grace_period=1h', 'metadata=team=web'],
    ],
    'Success! Data written to: static/static-roles/Web\n',
  );
  await succeed(t, ['list', `${mount}/static-roles`], 'Keys\n----\nweb\n');
  const role = await readData<Record<string, unknown>>(t, `${mount}/static-roles/web`);
  t.like(role, {
    application_object_id: application.applicationObjectId,
    ttl: 31_536_000,
    rotation_period: 31_536_000,
    rotation_grace_period: 3600,
    seamless_rotation: true,
    metadata: { team: 'web' },
  });
  t.regex(String(role['next_rotation']), /^\d{4}-\d\d-\d\dT/);

  const first = await readSecret(t, `${mount}/static-creds/web`, 'metadata=ticket=1', 'metadata=team=other');
  t.is(first.client_id, application.clientId);
  t.deepEqual(first.metadata, { team: 'web', ticket: '1' });
  t.true(first.ttl > 31_532_000 - 600 && first.ttl <= 31_532_400);
  t.true(await azure().canLogIn(login(first)));
  const again = await readSecret(t, `${mount}/static-creds/web`);
  t.is(again.client_secret, first.client_secret, 'the same for everybody');

  const scope = 'https://management.azure.com/.default';
  const { stdout } = await succeed(t, ['write', '-format=json', `${mount}/static-creds/web/token`, `scope=${scope}`]);
  const token = JSON.parse(stdout);
  azure().secrets.add(token.data.access_token);
  t.deepEqual(Object.keys(token.data).sort(), ['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
  t.is(token.lease_id, '');
  await fail(t, ['write', `${mount}/static-creds/web/token`, 'scope=nonsense'], /scope: .*AADSTS1002012.*request id/s);
  await fail(t, ['write', '-f', `${mount}/static-creds/web/token`], /missing required field 'scope'/);

  await succeed(t, ['write', '-f', `${mount}/rotate-role/web`], 'Success! Data written to: static/rotate-role/web\n');
  const second = await readSecret(t, `${mount}/static-creds/web`);
  t.not(second.secret_id, first.secret_id);
  t.true(await azure().canLogIn(login(second)));
  t.true(await azure().canLogIn(login(first)), 'the old one is good for the grace period');

  await succeed(t, ['write', `${mount}/static-roles/web`, 'metadata=team=ops'], written);
  t.like(await readData(t, `${mount}/static-roles/web`), { rotation_period: 31_536_000, metadata: { team: 'ops' } });
  await fail(t, ['write', `${mount}/static-roles/web`, 'rotation_period=1h'], /must be 720h \(30 days\) or more/);
  await fail(t, ['read', `${mount}/static-creds/nobody`], /No value found/);
  await fail(t, ['write', '-f', `${mount}/rotate-role/nobody`], /role not found in storage/);

  await succeed(
    t,
    ['delete', `${mount}/static-roles/web`],
    'Success! Data deleted (if it existed) at: static/static-roles/web\n',
  );
  t.deepEqual(keyIds(application), [application.keyId]);
  for (const secret of [first, second]) t.false(await azure().canLogIn(login(secret)));
});

test('a deferred static role: no token before its first secret, which a read makes', async (t) => {
  const { path: mount } = await azure().mount('deferred');
  const application = addApplication(t, 'static-deferred');
  await succeed(t, [
    ...['write', `${mount}/static-roles/later`, `application_object_id=${application.applicationObjectId}`],
    'defer_initial_creds=true',
  ]);
  t.deepEqual(keyIds(application), [application.keyId]);
  await fail(
    t,
    ['write', `${mount}/static-creds/later/token`, 'scope=https://graph.microsoft.com/.default'],
    /has no secret yet/,
  );
  const secret = await readSecret(t, `${mount}/static-creds/later`);
  t.true(await azure().canLogIn(login(secret)));
  await succeed(t, ['delete', `${mount}/static-roles/later`]);
});

test('import in three modes: usable at once, noted only, replaced', async (t) => {
  const { path: mount } = await azure().mount('imported');
  const application = addApplication(t, 'static-imported');
  const named = [`application_object_id=${application.applicationObjectId}`, `secret_id=${application.keyId}`];

  await succeed(t, [
    ...['write', `${mount}/static-roles/full/import`, ...named, `client_secret=${application.clientSecret}`],
  ]);
  const full = await readSecret(t, `${mount}/static-creds/full`);
  t.like(full, { client_secret: application.clientSecret, secret_id: application.keyId });
  t.true(await azure().canLogIn(login(full)));
  await fail(
    t,
    ['write', `${mount}/static-roles/wrong/import`, ...named, 'client_secret=nonsense'],
    /client_secret is not the text of the password/,
  );
  await succeed(t, ['delete', `${mount}/static-roles/full`]);
  t.deepEqual(keyIds(application), [application.keyId], 'imported secrets stay');

  await succeed(t, ['write', `${mount}/static-roles/noted/import`, ...named, 'skip_import_rotation=true']);
  await fail(t, ['read', `${mount}/static-creds/noted`], /was imported without its text/);
  await succeed(t, ['delete', `${mount}/static-roles/noted`]);
  t.deepEqual(keyIds(application), [application.keyId]);

  await succeed(t, ['write', `${mount}/static-roles/replaced/import`, ...named, 'rotation_grace_period=-1']);
  const replaced = await readSecret(t, `${mount}/static-creds/replaced`);
  t.not(replaced.secret_id, application.keyId);
  t.true(await azure().canLogIn(login(replaced)));
  t.false(await azure().canLogIn(application));
  await succeed(t, ['delete', `${mount}/static-roles/replaced`]);
  t.deepEqual(keyIds(application), []);
});

test('keep_secret: the role goes, the secret stays', async (t) => {
  const { path: mount } = await azure().mount('kept');
  const application = addApplication(t, 'static-kept');
  await succeed(t, [
    ...['write', `${mount}/static-roles/web`, `application_object_id=${application.applicationObjectId}`],
  ]);
  const secret = await readSecret(t, `${mount}/static-creds/web`);
  await succeed(t, ['delete', `${mount}/static-roles/web`, 'keep_secret=true']);
  t.true(await azure().canLogIn(login(secret)));
});

// Serial: one waits for a minute, the other ends the server that all use.
test.serial('minute work: the host calls for it, the old secret goes and the next one is staged', async (t) => {
  const { path: mount } = await azure().mount('minute');
  const application = addApplication(t, 'static-minute');
  await succeed(t, [
    ...['write', `${mount}/static-roles/web`, `application_object_id=${application.applicationObjectId}`],
    'rotation_grace_period=1s',
  ]);
  const old = await readSecret(t, `${mount}/static-creds/web`);
  await succeed(t, ['write', '-f', `${mount}/rotate-role/web`]);
  const current = await readSecret(t, `${mount}/static-creds/web`);
  await waitUntil(
    'the old secret is gone and another one is staged',
    () => !keyIds(application).includes(old.secret_id) && keyIds(application).length === 3,
    MINUTE_WORK_LIMIT_MS,
  );
  t.deepEqual(keyIds(application).slice(0, 2), [application.keyId, current.secret_id]);
  await succeed(t, ['delete', `${mount}/static-roles/web`]);
  t.deepEqual(keyIds(application), [application.keyId]);
});

test.serial('restart: the secret, its role and what is staged are in storage', async (t) => {
  const { host } = azure();
  const { path: mount } = await azure().mount('restarted');
  const application = addApplication(t, 'static-restarted');
  await succeed(t, [
    ...['write', `${mount}/static-roles/web`, `application_object_id=${application.applicationObjectId}`],
  ]);
  const before = await readSecret(t, `${mount}/static-creds/web`);
  await host.restart();
  const after = await readSecret(t, `${mount}/static-creds/web`);
  t.is(after.client_secret, before.client_secret);
  t.true(await azure().canLogIn(login(after)));
  await succeed(t, ['write', '-f', `${mount}/rotate-role/web`]);
  t.true(await azure().canLogIn(login(await readSecret(t, `${mount}/static-creds/web`))));
  await succeed(t, ['delete', `${mount}/static-roles/web`]);
  t.deepEqual(keyIds(application), [application.keyId]);
});
