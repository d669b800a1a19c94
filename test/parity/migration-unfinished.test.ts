/**
 * Mounts that change plugins while something is under way: what the one has begun is finished or taken back by the
 * other, where docs/migration.md says so. Each test has a mount of its own; they take turns, and wait for the host's minute
 * tick together: records are made as old as they must be for the next one.
 */
import test from 'ava';
import { waitUntil } from '../helpers/wait-until.ts';
import type { Untyped } from '../host/host-api.ts';
import { listStored, openStorage, readStored, runCommand, writeStored } from './_migration.ts';
import type { StoredMount } from './_migration.ts';
import { serveScenes } from './_scene.ts';
import type { Scene } from './_scene.ts';
import { existingRole, groupScope } from './_setup.ts';

const setScene = serveScenes(test);

/** The host ticks each minute; one that meets a reload is lost. */
const TICKS_LIMIT_MS = 150_000;
const WAITS = 'waits for the minute tick of the host';
/** HashiCorp's entries are left alone for ten minutes. */
const ROLLBACK_AGE_SECONDS = 700;
const FORBIDDEN = { status: 403, code: 'Authorization_RequestDenied', message: 'No.' };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let lastTurn: Promise<unknown> = Promise.resolve();

/** One after the other: a reload ends the process that all mounts of a plugin share, with all that is under way there. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

const before = (byMs: number): string => new Date(Date.now() - byMs).toISOString();

/** Writes some fields of a stored record anew. */
async function alterStored(stored: StoredMount, key: string, fields: object): Promise<void> {
  await writeStored(stored, key, { ...(await readStored(stored, key)), ...fields });
}

const disable = ({ parity, mount }: Scene): Promise<string> =>
  runCommand(parity.host, 'secrets', 'disable', mount.path);

async function readAll(stored: StoredMount, folder: string): Promise<{ key: string; record: Untyped }[]> {
  const keys = (await listStored(stored, folder)).map((id) => folder + id);
  return Promise.all(keys.map(async (key) => ({ key, record: await readStored(stored, key) })));
}

/** Key ids of the mount's own identity. */
const operatorKeys = ({ parity: { emulator }, operator }: Scene): string[] =>
  emulator
    .tenant()
    .applications.filter(({ id }) => id === operator.applicationObjectId)
    .flatMap(({ passwords }) => passwords.map(({ keyId }) => keyId));

async function becomesRootKey(stored: StoredMount, keyId: string): Promise<void> {
  const isInForce = async (): Promise<boolean> => (await readStored(stored, 'config')).client_secret_key_id === keyId;
  await waitUntil('the new secret is in force', isInForce, TICKS_LIMIT_MS);
}

test("credentials that HashiCorp's plugin left unfinished: ours takes them back, once they are old enough", async (t) => {
  t.timeout(2 * TICKS_LIMIT_MS, WAITS);
  const scene = await inTurn(() => setScene(t, 'unfinished'));
  const { mount, parity } = scene;
  const { emulator, host } = parity;
  const [group] = emulator.groups;
  const scope = groupScope(emulator);
  const azure_roles = JSON.stringify([{ role_name: 'Reader', scope }]);
  const stored = await openStorage(host, mount.path);
  const entries = await inTurn(async () => {
    await mount.writeRole('unassigned', { azure_roles });
    await mount.writeRole('ungrouped', { azure_roles, azure_groups: JSON.stringify([{ object_id: group!.id }]) });
    const faults = [
      { host: 'arm', method: 'PUT', path: `${scope}/.*/roleAssignments/` },
      { host: 'graph', method: 'POST', path: `/groups/${group!.id}/` },
    ].map((match) => emulator.addFault({ match, answer: FORBIDDEN }));
    for (const role of ['unassigned', 'ungrouped']) t.is((await mount.request('GET', `creds/${role}`)).status, 500);
    t.true(faults.every((fault) => fault.fired() === 1));
    await scene.switchTo(t, 'ours');
    return readAll(stored, 'wal/');
  });
  t.deepEqual(entries.map(({ record }) => record.type).sort(), [
    'appCreate',
    'appCreate',
    'appRoleAssign',
    'appRoleAssign',
  ]);
  const idsOf = (name: string): string[] => entries.flatMap(({ record }) => record.data[name] ?? []);
  const countLeft = (): number => {
    const { applications, roleAssignments, deletedItems } = emulator.tenant();
    return (
      [...applications, ...deletedItems].filter(({ id }) => idsOf('AppObjID').includes(id)).length +
      roleAssignments.filter(({ name }) => idsOf('AssignmentIDs').includes(name)).length
    );
  };
  t.is(countLeft(), 3, 'two applications and the assignment of one');
  for (const { key, record } of entries) {
    await alterStored(stored, key, { created_at: record.created_at - ROLLBACK_AGE_SECONDS });
  }
  await waitUntil('no entry is left', async () => (await listStored(stored, 'wal/')).length === 0, TICKS_LIMIT_MS);
  t.is(countLeft(), 0);
  await inTurn(() => disable(scene));
});

test("a rotation that HashiCorp's plugin has begun: ours puts the new secret in force", async (t) => {
  t.timeout(2 * TICKS_LIMIT_MS, WAITS);
  const scene = await inTurn(() => setScene(t, 'staged'));
  const { azure, mount, operator, parity } = scene;
  const stored = await openStorage(parity.host, mount.path);
  const [old] = operatorKeys(scene);
  await inTurn(async () => {
    await mount.api('POST', 'rotate-root');
    await alterStored(stored, 'config', { new_client_secret_created: before(2 * MINUTE_MS) });
    await scene.switchTo(t, 'ours');
  });
  const [added] = operatorKeys(scene).filter((keyId) => keyId !== old);
  await becomesRootKey(stored, added!);
  await inTurn(async () => {
    const { data: config } = await mount.api('GET', 'config');
    t.is(config.root_password_key_id, added);
    t.truthy(config.root_password_expiration_date);
    await mount.writeRole('existing', existingRole(scene.parity.emulator));
    await mount.revoke(await mount.creds('existing'));
    await disable(scene);
  });
  t.deepEqual(operatorKeys(scene), [added]);
  t.false(await azure.canLogIn(operator));
});

test("a rotation that ours has begun: HashiCorp's plugin puts the new secret in force", async (t) => {
  t.timeout(2 * TICKS_LIMIT_MS, WAITS);
  const scene = await inTurn(() => setScene(t, 'unproven'));
  const { azure, mount, operator, parity } = scene;
  const stored = await openStorage(parity.host, mount.path);
  const [old] = operatorKeys(scene);
  await inTurn(async () => {
    await scene.switchTo(t, 'ours');
    await mount.api('POST', 'config', { request_timeout: 12 });
    await mount.writeRole('existing', existingRole(parity.emulator)); // has logged in for that
    // No front end knows the new secret yet, for as long as the operator waits.
    const fault = parity.emulator.addFault({
      match: { host: 'login', body: operator.clientId },
      times: null,
      answer: { status: 401, code: 'invalid_client', message: 'AADSTS7000215: Invalid client secret provided.' },
    });
    const { warnings } = await mount.api('POST', 'rotate-root');
    t.regex(warnings[0], /is not accepted by Azure yet/);
    await alterStored(stored, 'config', { new_client_secret_created: before(2 * MINUTE_MS) });
    await scene.switchTo(t, 'theirs');
    fault.remove();
  });
  const [added] = operatorKeys(scene).filter((keyId) => keyId !== old);
  await becomesRootKey(stored, added!);
  t.deepEqual(operatorKeys(scene), [added]);
  t.false(await azure.canLogIn(operator));
  await inTurn(async () => {
    await mount.revoke(await mount.creds('existing'));
    await scene.switchTo(t, 'ours');
    t.is((await mount.api('GET', 'config')).data.root_password_key_id, added);
    await mount.revoke(await mount.creds('existing'));
    await disable(scene);
  });
  t.deepEqual(operatorKeys(scene), [added]);
});

test("leases of HashiCorp's plugin whose secret ends soon: ours renews them up to that end, not half way", async (t) => {
  const scene = await inTurn(() => setScene(t, 'short'));
  const { mount, parity } = scene;
  const { emulator, host } = parity;
  const terms = { ttl: '60s', explicit_max_ttl: '62s' };
  const leases = await inTurn(async () => {
    const azure_groups = JSON.stringify([{ object_id: emulator.groups[1]!.id }]);
    await mount.writeRole('dynamic', { ...terms, azure_groups });
    await mount.writeRole('existing', { ...terms, ...existingRole(emulator) });
    const issued = [await mount.creds('dynamic'), await mount.creds('existing')];
    await scene.switchTo(t, 'ours');
    return issued;
  });
  for (const { leaseId: lease_id } of leases) {
    const readSeconds = async (): Promise<number> =>
      (await host.api('PUT', 'sys/leases/lookup', { lease_id })).data.ttl;
    await waitUntil('half of the life of its secret is over', async () => (await readSeconds()) < 28, 60_000);
  }
  await inTurn(async () => {
    for (const lease of leases) {
      const renewed = await host.api('PUT', 'sys/leases/renew', { lease_id: lease.leaseId, increment: 3600 });
      t.true(renewed.lease_duration > 0 && renewed.lease_duration < 31, String(renewed.lease_duration));
      await mount.revoke(lease);
    }
    await disable(scene);
  });
});

test("what ours could not remove yet: HashiCorp's plugin leaves it alone, and ours goes on with it later", async (t) => {
  t.timeout(2 * TICKS_LIMIT_MS, WAITS);
  const scene = await inTurn(() => setScene(t, 'leftover'));
  const { mount, parity } = scene;
  const { emulator, host } = parity;
  const scope = groupScope(emulator).replace(/[^/]+$/, 'second-resource-group');
  const stored = await openStorage(host, mount.path);
  const assignmentsAt = (): unknown[] => emulator.tenant().roleAssignments.filter((one) => one.scope === scope);
  await inTurn(async () => {
    await scene.switchTo(t, 'ours');
    await mount.writeRole('locked', { azure_roles: [{ role_name: 'Reader', scope }] });
    const lock = emulator.addFault({
      match: { host: 'arm', method: 'DELETE', path: `${scope}/.*/roleAssignments/` },
      times: null,
      answer: { status: 409, code: 'ScopeLocked', message: 'The scope is locked.' },
    });
    await mount.revoke(await mount.creds('locked'));
    const lease = await mount.creds('locked');

    await scene.switchTo(t, 'theirs');
    lock.remove();
    await mount.revoke(lease);
    await mount.revoke(await mount.creds('locked'));
    const [[leftover], [issued]] = [await readAll(stored, 'leftover/'), await readAll(stored, 'issued/locked/')];
    t.is(assignmentsAt().length, 1);
    await alterStored(stored, leftover!.key, { next_attempt_at: before(MINUTE_MS) });
    // The record of the lease that was revoked here: two days after the latest end that it could have had.
    await alterStored(stored, issued!.key, { lease_deadline: before(2 * DAY_MS) });
    await scene.switchTo(t, 'ours');
  });
  const isNothingLeft = async (): Promise<boolean> => {
    const records = [...(await listStored(stored, 'leftover/')), ...(await listStored(stored, 'issued/'))];
    return records.length + assignmentsAt().length === 0;
  };
  await waitUntil('nothing is left', isNothingLeft, TICKS_LIMIT_MS);
  await inTurn(() => disable(scene));
  t.pass();
});
