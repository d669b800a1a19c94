/** The host's view over the brokered connection: every method, units, and hosts that lack a feature. */
import test from 'ava';
import type { CallScope } from '../../../src/bridge/host-call.ts';
import { bindSystemView } from '../../../src/bridge/host-system-view.ts';
import { CancelledError, InternalError, NotSupportedByHostError } from '../../../src/errors.ts';
import type { SystemView } from '../../../src/logical/index.ts';
import { systemViewService as methods } from '../../../src/wire/generated/pb.ts';
import { GrpcCode, GrpcStatusError } from '../../../src/wire/service.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const scope: CallScope = {
  signal: new AbortController().signal,
  deadline: new Date(5),
  metadata: new Map([['snapshot_id', ['s1']]]),
};

function makeView(): { host: FakeHost; view: SystemView } {
  const host = new FakeHost();
  return { host, view: bindSystemView(host, scope) };
}

const job = {
  name: 'config',
  mountPoint: 'azure/',
  path: 'rotate-root',
  rotationSchedule: '',
  rotationWindowSeconds: 0,
  rotationPeriodSeconds: 3600,
};

test('TTLs are seconds, fractions cut off', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.defaultLeaseTtl, async () => ({ ttl: 2_764_800_000_000_000n }));
  host.answer(methods.maxLeaseTtl, async () => ({ ttl: 1_999_999_999n }));
  t.is(await view.defaultLeaseTtlSeconds(), 2_764_800);
  t.is(await view.maxLeaseTtlSeconds(), 1);
});

test('flags and numbers come back as the host says', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.tainted, async () => ({ tainted: true }));
  host.answer(methods.cachingDisabled, async () => ({ disabled: true }));
  host.answer(methods.replicationState, async () => ({ state: 12288 }));
  host.answer(methods.mlockEnabled, async () => ({ enabled: true }));
  host.answer(methods.localMount, async () => ({}));
  t.true(await view.isTainted());
  t.true(await view.isCachingDisabled());
  t.is(await view.replicationState(), 12288);
  t.true(await view.isMlockEnabled());
  t.false(await view.isLocalMount());
});

test('wrapping: data as JSON, TTL in nanoseconds, the answer in ours', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.responseWrapData, async (request) => {
    t.deepEqual(request, { data: '{"a":1}', ttl: 60_000_000_000n, jwt: false });
    return {
      wrapInfo: {
        ttl: 60_000_000_000n,
        token: 'hvs.x',
        accessor: 'acc',
        creationTime: { seconds: 1_700_000_000n },
        creationPath: 'azure/creds/x',
      },
    };
  });
  t.deepEqual(await view.wrapResponseData({ a: 1 }, 60), {
    ttlSeconds: 60,
    hostToken: 'hvs.x',
    accessor: 'acc',
    createdAt: new Date(1_700_000_000_000),
    creationPath: 'azure/creds/x',
  });
});

test('wrapping: a reply without wrap info is an internal error', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.responseWrapData, async () => ({}));
  await t.throwsAsync(view.wrapResponseData({}, 1), { instanceOf: InternalError });
});

test('entities and groups come back in our words; an unknown entity is undefined', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.entityInfo, async ({ entityId }) =>
    entityId === 'e1'
      ? {
          entity: {
            id: 'e1',
            name: 'ann',
            disabled: true,
            namespaceId: 'root',
            metadata: new Map([['team', 'x']]),
            aliases: [{ id: 'a1', name: 'ann@x', mountType: 'oidc', mountAccessor: 'acc', local: true }],
          },
        }
      : {},
  );
  host.answer(methods.groupsForEntity, async () => ({ groups: [{ id: 'g1', name: 'ops', namespaceId: 'root' }] }));
  t.deepEqual(await view.entityInfo('e1'), {
    id: 'e1',
    name: 'ann',
    isDisabled: true,
    namespaceId: 'root',
    metadata: new Map([['team', 'x']]),
    aliases: [
      {
        id: 'a1',
        name: 'ann@x',
        mountType: 'oidc',
        mountAccessor: 'acc',
        metadata: new Map(),
        customMetadata: new Map(),
        namespaceId: '',
        isLocal: true,
      },
    ],
  });
  t.is(await view.entityInfo('e2'), undefined);
  t.deepEqual(await view.groupsForEntity('e1'), [{ id: 'g1', name: 'ops', metadata: new Map(), namespaceId: 'root' }]);
});

test('versions of the host; all empty when it does not say', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.pluginEnv, async () => ({ pluginEnvironment: { hostVersion: '1.21.0' } }));
  t.deepEqual(await view.pluginEnvironment(), {
    hostVersion: '1.21.0',
    hostVersionPrerelease: '',
    hostVersionMetadata: '',
  });
  host.answer(methods.pluginEnv, async () => ({}));
  t.is((await view.pluginEnvironment()).hostVersion, '');
});

test('password, cluster id and identity token', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.generatePasswordFromPolicy, async ({ policyName }) => ({ password: `${policyName}!` }));
  host.answer(methods.clusterInfo, async () => ({ clusterId: 'c1' }));
  host.answer(methods.generateIdentityToken, async (request) => {
    t.deepEqual(request, { audience: 'aud', ttl: 600n });
    return { token: 'jwt', ttl: 599n };
  });
  t.is(await view.generatePasswordFromPolicy('p'), 'p!');
  t.is(await view.clusterId(), 'c1');
  t.deepEqual(await view.generateIdentityToken('aud', 600), { identityToken: 'jwt', ttlSeconds: 599 });
});

test('rotation jobs: the sub-messages are always set, times are seconds', async (t) => {
  const { host, view } = makeView();
  host.answer(methods.registerRotationJob, async () => ({ rotationId: 'r1' }));
  host.answer(methods.deregisterRotationJob, async () => ({}));
  t.is(await view.registerRotationJob(job), 'r1');
  await view.deregisterRotationJob('', '');
  t.deepEqual(host.calls[0]?.request, {
    job: {
      name: 'config',
      mountPoint: 'azure/',
      path: 'rotate-root',
      rotationSchedule: '',
      rotationWindow: 0n,
      rotationPeriod: 3600n,
    },
  });
  t.deepEqual(host.calls[1]?.request, { req: { mountPoint: '', reqPath: '' } });
});

test('a host without the method: not supported', async (t) => {
  const { view } = makeView();
  await t.throwsAsync(view.clusterId(), { instanceOf: NotSupportedByHostError });
  await t.throwsAsync(view.generateIdentityToken('a', 1), { instanceOf: NotSupportedByHostError });
  await t.throwsAsync(view.deregisterRotationJob('a', 'b'), { instanceOf: NotSupportedByHostError });
});

test('an edition without the feature, told by status or in the reply: not supported', async (t) => {
  const { host, view } = makeView();
  const tokens =
    'failed to generate plugin identity token: plugin workload identity not supported in Vault community edition';
  const rotation =
    'error registering rotation job: rotation manager capabilities not supported in Vault community edition';
  host.answer(methods.generateIdentityToken, async () => {
    throw new GrpcStatusError(GrpcCode.internal, tokens);
  });
  host.answer(methods.registerRotationJob, async () => ({ err: rotation }));
  const error = await t.throwsAsync(view.generateIdentityToken('a', 1), { instanceOf: NotSupportedByHostError });
  t.true(error.message.endsWith(tokens));
  await t.throwsAsync(view.registerRotationJob(job), { instanceOf: NotSupportedByHostError });
});

test("any other failure, in the reply or as a status: an internal error with the host's text", async (t) => {
  const { host, view } = makeView();
  host.answer(methods.clusterInfo, async () => ({ err: 'no cluster' }));
  host.answer(methods.generatePasswordFromPolicy, async () => {
    throw new GrpcStatusError(GrpcCode.invalidArgument, 'no password policy specified');
  });
  await t.throwsAsync(view.clusterId(), { instanceOf: InternalError, message: 'no cluster' });
  await t.throwsAsync(view.generatePasswordFromPolicy(''), {
    instanceOf: InternalError,
    message: 'no password policy specified',
  });
});

test('calls carry the deadline and no metadata, and a cancelled scope calls nobody', async (t) => {
  const { host, view } = makeView();
  await view.defaultLeaseTtlSeconds();
  t.deepEqual(host.calls[0]?.options.deadline, new Date(5));
  t.is(host.calls[0]?.options.metadata.size, 0);
  const reason = new CancelledError('gone');
  const cancelled = bindSystemView(host, { ...scope, signal: AbortSignal.abort(reason) });
  t.is(await t.throwsAsync(cancelled.isTainted()), reason);
  t.is(host.calls.length, 1);
});
