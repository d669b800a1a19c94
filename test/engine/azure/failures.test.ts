import test from 'ava';
import { isAmbiguous, isConcurrencyViolation, isThrottled, isTransient } from '../../../src/azure/retry-policy.ts';
import { AzureError, CancelledError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startEmulatedAzure } from '../../helpers/emulated-azure.ts';
import { createTestTransport } from '../../helpers/azure-transport.ts';
import { createAzureProviderFactory } from '../../../src/azure/provider-factory.ts';
import { AZURE_PUBLIC_CLOUD } from '../../../src/azure/clouds.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { startEmulator } from '../../emulator/index.ts';

const SPEC = { displayName: 'vault-test', signInAudience: 'AzureADMyOrg', tags: [] };
const GRAPH_POST = { host: 'graph', method: 'POST' };

test('throttling is told with its wait and is not ambiguous', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  emulator.addFault({ match: GRAPH_POST, answer: { status: 429, code: 'TooManyRequests', retryAfter: 17 } });
  const error = await t.throwsAsync(provider.directory.createApplication(SPEC, azureCall('create application')), {
    instanceOf: AzureError,
  });
  t.like(error, { status: 429, azureCode: 'TooManyRequests', retryAfterMs: 17_000 });
  t.true(isThrottled(error) && isTransient(error) && !isAmbiguous(error));
});

test('throttling of ARM is told with its wait', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  emulator.addFault({ match: { host: 'arm' }, answer: { status: 429, code: 'TooManyRequests', retryAfter: 3 } });
  const scope = `/subscriptions/${emulator.subscriptionId}`;
  const error = await t.throwsAsync(provider.roles.findRoleDefinitionsByName(scope, 'x', azureCall('find role')), {
    instanceOf: AzureError,
  });
  t.like(error, { service: 'arm', status: 429, azureCode: 'TooManyRequests', retryAfterMs: 3000 });
});

test('two writes at once are told as such', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t, { settings: { concurrencyWindowMs: 60_000 } });
  const { id } = emulator.applications[0]!;
  const spec = { displayName: 'x', expiresAt: new Date('2031-01-01T00:00:00Z') };
  await provider.directory.addPassword(id, spec, azureCall('add password'));
  const error = await t.throwsAsync(provider.directory.addPassword(id, spec, azureCall('add password')), {
    instanceOf: AzureError,
  });
  t.true(isConcurrencyViolation(error));
});

test('an answer lost after the work is ambiguous, and the work can be found', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  emulator.addFault({ match: GRAPH_POST, answer: 'after' });
  const error = await t.throwsAsync(
    provider.directory.createApplication({ ...SPEC, tags: ['lost'] }, azureCall('create application')),
    {
      instanceOf: AzureError,
      message: /^create application: no answer: the connection to graph.microsoft.com:443 broke/,
    },
  );
  t.true(isAmbiguous(error));
  t.is((await provider.directory.findApplicationsByTag('lost', azureCall('find'))).length, 1);
});

test('a call that is never answered ends in time', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t, { timeoutMs: 700 });
  const { id } = emulator.groups[0]!;
  await provider.directory.getGroup(id, azureCall('read group'));
  emulator.addFault({ match: { host: 'graph' }, answer: 'hang' });
  const error = await t.throwsAsync(provider.directory.getGroup(id, azureCall('read group')), {
    message: 'read group: no answer: graph.microsoft.com:443 did not answer within 0.7 s',
  });
  t.true(error instanceof AzureError && isAmbiguous(error));
});

test('a cancelled call ends at once', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const controller = new AbortController();
  const fault = emulator.addFault({ match: { host: 'graph' }, answer: 'hang' });
  const call = provider.directory.getGroup(emulator.groups[0]!.id, azureCall('read group', controller.signal));
  await fault.whenFired();
  controller.abort();
  await t.throwsAsync(call, { instanceOf: CancelledError });
});

test('a login answered 503 does not spoil the next one', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  emulator.addFault({ match: { host: 'login' }, answer: { status: 503 } });
  const { id } = emulator.groups[0]!;
  const error = await t.throwsAsync(provider.directory.getGroup(id, azureCall('read group')), {
    instanceOf: AzureError,
    message: /^log in to Entra ID to read group: 503/,
  });
  t.true(isTransient(error) && !isAmbiguous(error));
  await t.notThrowsAsync(provider.directory.getGroup(id, azureCall('read group')));
});

test('a token that Graph rejects is renewed once within the call', async (t) => {
  const { provider, emulator } = await startEmulatedAzure(t);
  const { id } = emulator.groups[0]!;
  await provider.directory.getGroup(id, azureCall('read group'));
  emulator.addFault({ match: { host: 'graph' }, answer: { status: 401, code: 'InvalidAuthenticationToken' } });
  await t.notThrowsAsync(provider.directory.getGroup(id, azureCall('read group')));
  t.is(emulator.calls().filter(({ host }) => host.startsWith('login')).length, 2);
});

test('a wrong secret is told as the login of the step that wanted it', async (t) => {
  const { createProvider, emulator } = await startEmulatedAzure(t);
  const wrong = createProvider({
    credential: { kind: 'clientSecret', clientId: emulator.clientId, clientSecret: 'sentinel-wrong' },
  });
  const error = await t.throwsAsync(wrong.directory.getGroup('x', azureCall('read group')), { instanceOf: AzureError });
  t.regex(
    error.message,
    /^log in to Entra ID to read group: 401 AADSTS7000215: Invalid client secret provided\. \(request id .+\)$/,
  );
  t.false(error.message.includes('sentinel-wrong'));
  t.is(error.service, 'entra');
});

test('an unknown tenant is told', async (t) => {
  const { createProvider } = await startEmulatedAzure(t);
  const elsewhere = createProvider({ tenantId: '00000000-0000-4000-8000-000000000000' });
  await t.throwsAsync(elsewhere.directory.getGroup('x', azureCall('read group')), {
    message: /^log in to Entra ID to read group: 400 AADSTS90002: /,
  });
});

test('the emulator without its authority trusted is refused with the remedy', async (t) => {
  const emulator = await startEmulator();
  t.teardown(() => emulator.stop());
  const { transport } = createTestTransport(t, { proxyUrl: emulator.proxyUrl });
  const provider = createAzureProviderFactory({ transport, clock: systemClock })({
    cloud: AZURE_PUBLIC_CLOUD,
    tenantId: emulator.tenantId,
    credential: { kind: 'clientSecret', clientId: emulator.clientId, clientSecret: emulator.clientSecret },
  });
  const error = await t.throwsAsync(provider.directory.getGroup('x', azureCall('read group')), {
    instanceOf: AzureError,
    message: /the certificate of login.microsoftonline.com:443 is not accepted .* SSL_CERT_FILE or NODE_EXTRA_CA_CERTS/,
  });
  t.false(isTransient(error));
  t.deepEqual(emulator.calls(), []);
});
