/** Roles with an application of their own (`persist_app`): their life, their credentials, and what is refused. */
import type { ExecutionContext } from 'ava';
import { addOperator } from '../e2e/_operator.ts';
import type { HostAnswer, Untyped } from '../host/host-api.ts';
import { SIDES } from './_pair.ts';
import type { Both, Pair, Side } from './_pair.ts';
import { configureApart, dynamicRole, existingRole, groupScope } from './_setup.ts';
import { BOOLEAN_VALUES, titleOf } from './_values.ts';

const PATH = 'roles/p';

export async function requestPersistedRoles(t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  await configureApart(t, pair);
  const persisted = { ...dynamicRole(emulator), persist_app: true, ttl: '1h', max_ttl: '2h' };
  await requestLife(pair, persisted);
  await requestUpdates(t, pair, persisted);
  await requestPermanentDeletion(pair, persisted);
  await requestSwitchingOff(pair, persisted);
  await requestWhatIsGone(pair, persisted);
  await requestRefused(pair, persisted);
}

/** Made, read, used, written again, deleted while a lease lives. */
async function requestLife(pair: Pair, persisted: object): Promise<void> {
  const { emulator } = pair.parity;
  const groups = { azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]) };
  await pair.request('create', 'POST', PATH, { ...persisted, ...groups, tags: 'team:a' });
  const read = await pair.request('read', 'GET', PATH);
  pair.compare('in the tenant', (side) => describe(pair, read[side]));
  const [first, second] = [await issue(pair, 'issue'), await issue(pair, 'issue another')];
  pair.compare('both of one application', (side) => clientOf(first[side]) === clientOf(second[side]));
  const renew = (title: string, answers: Both<HostAnswer>): Promise<unknown> =>
    pair.call(title, (side) => ({
      method: 'PUT',
      path: 'sys/leases/renew',
      body: { lease_id: leaseOf(answers[side]), increment: 1800 },
    }));
  await renew('renew', first);
  await pair.call('revoke', revoke(first));
  await renew('renew after revocation', first);
  await pair.call('write as it was read', (side) => ({
    method: 'POST',
    path: `${pair.mountPath(side)}/${PATH}`,
    body: asWritten(read[side].body.data),
  }));
  await pair.request('read after that', 'GET', PATH);
  await pair.request('write as it was made', 'POST', PATH, { ...persisted, ...groups, tags: 'team:a' });
  pair.compare('in the tenant after two writes', (side) => describe(pair, read[side]));
  await pair.request('delete with a live lease', 'DELETE', PATH);
  pair.compare('left in the tenant', (side) => describeRemains(pair, read[side]));
  await pair.request('read after deletion', 'GET', PATH);
  await renew('renew after deletion', second);
  await pair.call('revoke after deletion', revoke(second));
  await pair.revokeAll().catch(() => undefined);
}

/** Each a change of one role. */
async function requestUpdates(t: ExecutionContext, pair: Pair, persisted: object): Promise<void> {
  const { emulator } = pair.parity;
  // Not a seeded one: the Go plugin deletes it with the role.
  const { applicationObjectId } = addOperator(t, emulator, 'somebody else’s');
  const [, group] = emulator.groups;
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const updates: readonly (readonly [title: string, fields: object])[] = [
    ['ttl', { ttl: '30m' }],
    [
      'azure_roles',
      {
        azure_roles: JSON.stringify([
          { role_name: 'Contributor', scope: subscription },
          { role_name: 'Reader', scope: groupScope(emulator) },
        ]),
      },
    ],
    ['azure_groups', { azure_groups: JSON.stringify([{ group_name: group?.displayName }]) }],
    ['azure_roles to none', { azure_roles: '[]' }],
    ['tags', { tags: 'b' }],
    ['audience', { sign_in_audience: 'AzureADMultipleOrgs' }],
    ['application_object_id to none', { application_object_id: '' }],
    ['permanently_delete', { permanently_delete: true }],
    ['an existing application', { application_object_id: applicationObjectId }],
    ['wrong roles', { azure_roles: 'x' }],
  ];
  for (const [index, [title, fields]] of updates.entries()) {
    const path = `roles/u${index}`;
    await pair.prepare('POST', path, persisted);
    const made = await readBoth(pair, path);
    await pair.writeAndRead(`update ${title}`, path, fields);
    pair.compare(`in the tenant after update ${title}`, (side) => describe(pair, made[side]));
    await pair.request(`delete after update ${title}`, 'DELETE', path);
    pair.compare(`left after update ${title}`, (side) => describeRemains(pair, made[side]).application);
  }
}

async function requestPermanentDeletion(pair: Pair, persisted: object): Promise<void> {
  const fields = { ...persisted, permanently_delete: true };
  await pair.request('permanently_delete: create', 'POST', PATH, fields);
  const read = await pair.request('permanently_delete: read', 'GET', PATH);
  await pair.request('permanently_delete: write again', 'POST', PATH, fields);
  await pair.prepare('DELETE', PATH);
  pair.compare('permanently_delete: left in the tenant', (side) => describeRemains(pair, read[side]));
}

async function requestSwitchingOff(pair: Pair, persisted: object): Promise<void> {
  await pair.prepare('POST', PATH, persisted);
  const made = await readBoth(pair);
  const before = await issue(pair, 'off: issue before');
  await pair.request('off: write', 'POST', PATH, { persist_app: false });
  await pair.request('off: read', 'GET', PATH);
  const after = await issue(pair, 'off: issue after');
  pair.compare('off: credentials of one application', (side) => clientOf(before[side]) === clientOf(after[side]));
  await pair.call('off: revoke the one from before', revoke(before));
  await pair.call('off: revoke the one from after', revoke(after));
  await pair.request('off: delete', 'DELETE', PATH);
  pair.compare('off: left in the tenant', (side) => describeRemains(pair, made[side]).application);

  await pair.prepare('POST', PATH, persisted);
  const first = await readBoth(pair);
  await pair.prepare('POST', PATH, { persist_app: false });
  await pair.request('on again: write', 'POST', PATH, { persist_app: true });
  const second = await pair.request('on again: read', 'GET', PATH);
  pair.compare('on again: the same application', (side) => objectIdOf(first[side]) === objectIdOf(second[side]));
  await pair.request('on again: delete', 'DELETE', PATH);

  await pair.prepare('POST', PATH, dynamicRole(pair.parity.emulator));
  await pair.request('from dynamic: write', 'POST', PATH, { persist_app: true });
  await pair.request('from dynamic: read', 'GET', PATH);
  await pair.prepare('DELETE', PATH);
}

/** Somebody has deleted the application. */
async function requestWhatIsGone(pair: Pair, persisted: object): Promise<void> {
  const { emulator } = pair.parity;
  const tenant = emulator.state();
  const path = 'roles/gone';
  await pair.prepare('POST', path, persisted);
  const read = await readBoth(pair, path);
  for (const side of SIDES) {
    for (const application of [...tenant.applications.list()].filter(({ id }) => id === objectIdOf(read[side]))) {
      tenant.applications.remove(application);
    }
  }
  // Ours goes on asking for an application that it remembers to have made a moment ago.
  await pair.parity.host.api('PUT', 'sys/plugins/reload/backend', { mounts: [`${pair.mountPath('ours')}/`] });
  await pair.request('application removed by hand: write', 'POST', path, { ttl: '20m' });
  await pair.request('application removed by hand: delete', 'DELETE', path);
}

async function requestRefused(pair: Pair, persisted: object): Promise<void> {
  const { emulator } = pair.parity;
  const refused: readonly (readonly [title: string, fields: object])[] = [
    ['with an application', { ...persisted, ...existingRole(emulator) }],
    ['with an application alone', { persist_app: true, ...existingRole(emulator) }],
    ['without roles and groups', { persist_app: true }],
    ['with wrong times', { ...persisted, ttl: '3h' }],
    ['with an unknown role', { persist_app: true, azure_roles: '[{"role_name":"None","scope":"/subscriptions/x"}]' }],
    ['with wrong tags', { ...persisted, tags: 'a b' }],
  ];
  for (const [title, fields] of refused) {
    await pair.writeAndRead(`refused ${title}`, PATH, fields);
    await pair.prepare('DELETE', PATH);
  }
  await pair.prepare('POST', PATH, existingRole(emulator));
  await pair.writeAndRead('from an existing application', PATH, { persist_app: true });
  await pair.writeAndRead('from an existing application, which is left', PATH, {
    ...persisted,
    application_object_id: '',
  });
  await pair.prepare('DELETE', PATH);
  for (const value of BOOLEAN_VALUES) {
    await pair.writeAndRead(titleOf('persist_app', value), PATH, { ...persisted, persist_app: value });
    await pair.prepare('DELETE', PATH);
  }
}

const issue = (pair: Pair, title: string): Promise<Both<HostAnswer>> => pair.request(title, 'GET', 'creds/p');

/** Lists as JSON texts, as Terraform sends them. */
function asWritten({ azure_roles, azure_groups, ...data }: Untyped): Untyped {
  return { ...data, azure_roles: JSON.stringify(azure_roles), azure_groups: JSON.stringify(azure_groups) };
}

async function readBoth(pair: Pair, path = PATH): Promise<Both<HostAnswer>> {
  const read = (side: Side): Promise<HostAnswer> => pair.parity.host.request('GET', `${pair.mountPath(side)}/${path}`);
  return { theirs: await read('theirs'), ours: await read('ours') };
}

const leaseOf = ({ body }: HostAnswer): string => String(body.lease_id);
const clientOf = ({ body }: HostAnswer): string => String(body.data.client_id);
const objectIdOf = ({ body }: HostAnswer): string => String(body.data.application_object_id);

const revoke = (answers: Both<HostAnswer>) => (side: Side) => ({
  method: 'PUT',
  path: 'sys/leases/revoke',
  body: { lease_id: leaseOf(answers[side]), sync: true },
});

/** The application of a role, by names and scopes instead of ids. */
function describe(pair: Pair, role: HostAnswer): Untyped {
  const tenant = pair.parity.emulator.tenant();
  const application = tenant.applications.find(({ id }) => id === objectIdOf(role));
  const principal = tenant.servicePrincipals.find(({ appId }) => appId === application?.appId);
  if (application === undefined || principal === undefined) return 'none';
  return {
    displayName: application.displayName.replace(/\d{10}$/, '<seconds>'),
    signInAudience: application.signInAudience,
    tags: application.tags,
    passwords: application.passwords.length,
    passwordsOfPrincipal: principal.passwords.length,
    assignments: tenant.roleAssignments
      .filter(({ principalId }) => principalId === principal.id)
      .map(({ roleName, scope, principalType }) => `${roleName} ${scope} ${principalType}`)
      .sort(),
    groups: tenant.groups.filter(({ members }) => members.includes(principal.id)).map(({ displayName }) => displayName),
  };
}

function describeRemains(pair: Pair, role: HostAnswer): Untyped {
  const tenant = pair.parity.emulator.tenant();
  const principals = new Set(tenant.servicePrincipals.map(({ id }) => id));
  return {
    application: tenant.applications.some(({ id }) => id === objectIdOf(role)) ? 'there' : 'gone',
    orphanedAssignments: tenant.roleAssignments.filter(({ principalId }) => !principals.has(principalId)).length,
    inRecycleBin: tenant.deletedItems.some(({ id }) => id === objectIdOf(role)),
  };
}
