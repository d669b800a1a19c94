/** Credentials of every kind of role: what is answered, what is made in the tenant, and the life of their leases. */
import type { ExecutionContext } from 'ava';
import type { Operator } from '../e2e/_operator.ts';
import type { HostAnswer, Untyped } from '../host/host-api.ts';
import { SIDES } from './_pair.ts';
import type { Both, Pair, Side } from './_pair.ts';
import { addOperators, configFields, configureApart, dynamicRole, existingRole, groupScope } from './_setup.ts';

const TERMS: readonly (readonly [title: string, fields: object])[] = [
  ['no times', {}],
  ['ttl', { ttl: '1h' }],
  ['max_ttl', { max_ttl: '2h' }],
  ['ttl and max_ttl', { ttl: '1h', max_ttl: '2h' }],
  ['explicit_max_ttl', { explicit_max_ttl: '3h' }],
  ['all three', { ttl: '1h', max_ttl: '2h', explicit_max_ttl: '3h' }],
  ['ttl above the mount maximum', { ttl: '1000h' }],
  ['everything above the mount maximum', { ttl: '1000h', max_ttl: '2000h', explicit_max_ttl: '3000h' }],
];

const INCREMENTS = [0, 60, 1800, 5400, 100_000_000];

export async function requestCredentials(t: ExecutionContext, pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  const operators = await configureApart(t, pair);
  const dynamic = dynamicRole(emulator);
  const existing = existingRole(emulator);
  const subscription = `/subscriptions/${emulator.subscriptionId}`;
  const roles: readonly (readonly [title: string, fields: Record<string, unknown>])[] = [
    ['one assignment', dynamic],
    [
      'two assignments and groups',
      {
        azure_roles: JSON.stringify([
          { role_name: 'Reader', scope: groupScope(emulator) },
          { role_name: 'Contributor', scope: subscription },
        ]),
        azure_groups: JSON.stringify(emulator.groups.map(({ displayName }) => ({ group_name: displayName }))),
      },
    ],
    ['groups alone', { azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]) }],
    ['tags', { ...dynamic, tags: 'team:a,env:b' }],
    ['audience', { ...dynamic, sign_in_audience: 'AzureADMultipleOrgs' }],
    ['permanently_delete', { ...dynamic, permanently_delete: true }],
    ['an existing application', existing],
    ['an existing application and azure_roles', { ...existing, ...dynamic }],
    [
      'an existing application and groups',
      { ...existing, azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]) },
    ],
  ];
  for (const [title, fields] of roles) await liveOneLease(pair, title, { ttl: '1h', max_ttl: '2h', ...fields });
  for (const [title, terms] of TERMS) {
    await liveOneLease(pair, `dynamic, ${title}`, { ...dynamic, ...terms });
    await liveOneLease(pair, `existing, ${title}`, { ...existing, ...terms });
  }
  await pair.request('unknown role', 'GET', 'creds/none');
  await pair.request('role in capitals', 'GET', 'creds/NONE');
  await pair.request('role with an invalid name', 'GET', 'creds/a@b');
  await pair.prepare('POST', 'roles/mixed', existing);
  const upper = await pair.request('a role asked for in capitals', 'GET', 'creds/MIXED');
  await pair.call('revoke it', revoke(upper));
  await requestLeasesOfWhatIsGone(pair);
  await requestOwnApplication(t, pair, operators);
  await requestLeasesWithoutRole(pair, existing);
  await requestLeasesWithoutConfig(pair, operators);
}

/** Issues, looks at the tenant, renews several times, revokes, looks again, and repeats what is over. */
async function liveOneLease(pair: Pair, title: string, fields: object): Promise<void> {
  await pair.prepare('POST', 'roles/r', fields);
  const answers = await pair.request(`${title}: issue`, 'GET', 'creds/r');
  const made = both((side) => describeApplication(pair, answers[side].body.data));
  pair.compare(`${title}: in the tenant`, (side) => made[side]);
  const lookup = (when: string): Promise<unknown> =>
    pair.call(`${title}: look up ${when}`, (side) => ({
      method: 'PUT',
      path: 'sys/leases/lookup',
      body: { lease_id: leaseOf(answers[side]) },
    }));
  await lookup('after the issue');
  for (const increment of INCREMENTS) {
    await pair.call(`${title}: renew by ${increment}`, (side) => ({
      method: 'PUT',
      path: 'sys/leases/renew',
      body: { lease_id: leaseOf(answers[side]), increment },
    }));
  }
  await lookup('after renewals');
  const ids = both((side) => String(answers[side].body.data.client_id));
  await pair.call(`${title}: revoke`, revoke(answers));
  pair.compare(`${title}: left in the tenant`, (side) => describeRemains(pair, ids[side]));
  await lookup('after revocation');
  await pair.call(`${title}: renew after revocation`, (side) => ({
    method: 'PUT',
    path: 'sys/leases/renew',
    body: { lease_id: leaseOf(answers[side]) },
  }));
  await pair.prepare('DELETE', 'roles/r');
}

/** Somebody was faster, or Azure refuses a part. */
async function requestLeasesOfWhatIsGone(pair: Pair): Promise<void> {
  const { emulator } = pair.parity;
  const issue = async (title: string, fields: object): Promise<Both<HostAnswer>> => {
    await pair.prepare('DELETE', 'roles/gone');
    await pair.prepare('POST', 'roles/gone', fields);
    return pair.request(`${title}: issue`, 'GET', 'creds/gone');
  };
  const gone = 'application removed by hand';
  const dynamic = await issue(gone, dynamicRole(emulator));
  for (const side of SIDES) {
    const tenant = emulator.state();
    const clientId = dynamic[side].body.data.client_id;
    for (const application of [...tenant.applications.list()].filter(({ appId }) => appId === clientId)) {
      tenant.deleteApplication(application);
    }
  }
  await pair.call(`${gone}: revoke`, revoke(dynamic));

  // Ours repeats the removal as long as the request may take.
  await pair.prepare('POST', 'config', (side) => (side === 'ours' ? { request_timeout: '10s' } : {}));
  const password = 'password removed by hand';
  const existing = await issue(password, existingRole(emulator));
  const application = [...emulator.state().applications.list()].find(({ id }) => id === emulator.applications[0]?.id);
  if (application !== undefined) emulator.state().applications.put({ ...application, passwords: [] });
  await pair.call(`${password}: revoke`, revoke(existing));

  const purge = 'purge refused';
  const purged = await issue(purge, { ...dynamicRole(emulator), permanently_delete: true });
  const answer = { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' };
  const fault = emulator.addFault({ match: { method: 'DELETE', path: 'deletedItems' }, times: null, answer });
  await pair.call(`${purge}: revoke`, revoke(purged));
  await pair.call(`${purge}: revoke again`, revoke(purged));
  fault.remove();
  await pair.call(`${purge}: revoke with the right`, revoke(purged));
  await pair.prepare('DELETE', 'roles/gone');
}

/** A role that named somebody else's application until the engine was given that very identity. */
async function requestOwnApplication(t: ExecutionContext, pair: Pair, operators: Both<Operator>): Promise<void> {
  const { emulator } = pair.parity;
  const later = addOperators(t, emulator);
  await pair.prepare('POST', 'roles/self', (side) => ({ application_object_id: later[side].applicationObjectId }));
  await pair.prepare('POST', 'config', (side) => configFields(emulator, later[side]));
  await pair.request("the engine's own application", 'GET', 'creds/self');
  await pair.prepare('DELETE', 'roles/self');
  await pair.prepare('POST', 'config', (side) => configFields(emulator, operators[side]));
}

async function requestLeasesWithoutRole(pair: Pair, fields: object): Promise<void> {
  await pair.prepare('POST', 'roles/left', { ...fields, ttl: '1h' });
  const answers = await pair.request('role deleted: issue', 'GET', 'creds/left');
  await pair.request('role deleted: delete', 'DELETE', 'roles/left');
  await pair.call('role deleted: renew', (side) => ({
    method: 'PUT',
    path: 'sys/leases/renew',
    body: { lease_id: leaseOf(answers[side]) },
  }));
  await pair.call('role deleted: revoke', revoke(answers));
}

async function requestLeasesWithoutConfig(pair: Pair, operators: Both<Operator>): Promise<void> {
  const { emulator } = pair.parity;
  const fields = existingRole(emulator);
  await pair.prepare('POST', 'roles/r', { ...fields, ttl: '1h' });
  const answers = await pair.request('config deleted: issue', 'GET', 'creds/r');
  await pair.request('config deleted: delete', 'DELETE', 'config');
  await pair.request('config deleted: issue again', 'GET', 'creds/r');
  await pair.call('config deleted: renew', (side) => ({
    method: 'PUT',
    path: 'sys/leases/renew',
    body: { lease_id: leaseOf(answers[side]) },
  }));
  await pair.call('config deleted: revoke', revoke(answers));
  await pair.prepare('POST', 'config', (side) => configFields(emulator, operators[side]));
  await pair.call('config deleted: revoke with a new one', revoke(answers));
}

const leaseOf = ({ body }: HostAnswer): string => String(body.lease_id);

const revoke = (answers: Both<HostAnswer>) => (side: Side) => ({
  method: 'PUT',
  path: 'sys/leases/revoke',
  body: { lease_id: leaseOf(answers[side]), sync: true },
});

const both = <T>(read: (side: Side) => T): Both<T> => ({ theirs: read('theirs'), ours: read('ours') });

/** What a credential gave its holder, by names and scopes instead of ids. */
function describeApplication(pair: Pair, { client_id: clientId, client_secret: secret }: Untyped): Untyped {
  const tenant = pair.parity.emulator.tenant({ secrets: true });
  const application = tenant.applications.find(({ appId }) => appId === clientId)!;
  const principal = tenant.servicePrincipals.find(({ appId }) => appId === clientId)!;
  const password = [...application.passwords, ...principal.passwords].find(({ secretText }) => secretText === secret)!;
  return {
    displayName: application.displayName,
    signInAudience: application.signInAudience,
    tags: application.tags,
    principalTags: principal.tags,
    passwordOf: application.passwords.includes(password) ? 'application' : 'service principal',
    passwordName: password.displayName,
    lifetimeHours: Math.round((Date.parse(password.endDateTime) - Date.parse(password.startDateTime)) / 3_600_000),
    passwords: pair.parity.knownIds.has(application.id)
      ? 'several'
      : application.passwords.length + principal.passwords.length,
    assignments: tenant.roleAssignments
      .filter(({ principalId }) => principalId === principal.id)
      .map(({ roleName, scope, principalType }) => `${roleName} ${scope} ${principalType}`)
      .sort(),
    groups: tenant.groups.filter(({ members }) => members.includes(principal.id)).map(({ displayName }) => displayName),
  };
}

function describeRemains(pair: Pair, clientId: string): Untyped {
  const tenant = pair.parity.emulator.tenant();
  const principals = new Set(tenant.servicePrincipals.map(({ id }) => id));
  return {
    application: tenant.applications.find(({ appId }) => appId === clientId)?.passwords.length ?? 'gone',
    servicePrincipal: tenant.servicePrincipals.some(({ appId }) => appId === clientId),
    orphanedAssignments: tenant.roleAssignments.filter(({ principalId }) => !principals.has(principalId)).length,
    inRecycleBin: tenant.deletedItems
      .filter(({ appId }) => appId === clientId)
      .map(({ kind }) => kind)
      .sort(),
  };
}
