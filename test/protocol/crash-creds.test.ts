/** Credentials of every kind of role, and their revocation, killed at every outside call. */
import test from 'ava';
import type { StartedEmulator } from '../emulator/index.ts';
import { type KillScenario, nothing, runKillMatrix } from './_crash.ts';
import type { FakeMount } from './_mount.ts';
import type { HostReply } from './_reply.ts';

type Role = (emulator: StartedEmulator) => Readonly<Record<string, unknown>>;

const DYNAMIC: Role = (emulator) => ({
  azure_roles: JSON.stringify([{ role_name: 'Reader', scope: `/subscriptions/${emulator.subscriptionId}` }]),
  azure_groups: JSON.stringify([{ object_id: emulator.groups[0]?.id }]),
  ttl: '1h',
});
const EXISTING: Role = (emulator) => ({ application_object_id: emulator.applications[0]?.id, ttl: '1h' });

const issues = (role: Role): KillScenario<undefined> => ({
  configure: (mount, emulator) => mount.write('roles/app', role(emulator)),
  prepare: nothing,
  act: (mount) => mount.read('creds/app'),
});

const revokes = (role: Role): KillScenario<HostReply> => {
  const revoke = (mount: FakeMount, { wire }: HostReply): Promise<HostReply> =>
    mount.request({ operation: 'revoke', path: 'creds/app', secret: wire.response?.secret ?? {} });
  return {
    configure: (mount, emulator) => mount.write('roles/app', role(emulator)),
    prepare: (mount) => mount.read('creds/app'),
    act: revoke,
    conclude: revoke,
  };
};

test('creds of a dynamic role: killed at any call, the next process leaves no orphan', (t) =>
  runKillMatrix(t, issues(DYNAMIC)));
test('creds of an existing application: killed at any call, the next process leaves no orphan', (t) =>
  runKillMatrix(t, issues(EXISTING)));
test('revoke of a dynamic credential: killed at any call and repeated, nothing is left', (t) =>
  runKillMatrix(t, revokes(DYNAMIC)));
test('revoke of a password: killed at any call and repeated, nothing is left', (t) =>
  runKillMatrix(t, revokes(EXISTING)));
