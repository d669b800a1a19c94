/** The platform's identity endpoints, as an unmodified client sees them. */
import test from 'ava';
import { startEmulatorWorld } from '../../helpers/emulator-world.ts';

const RESOURCE = 'https://management.azure.com';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function get(url: string, query: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(`${url}?${new URLSearchParams(query).toString()}`, { headers });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text === '' ? '{}' : text) as Record<string, unknown> };
}

const METADATA = { metadata: 'true' };
const METADATA_QUERY = { 'api-version': '2018-02-01', resource: RESOURCE };
const APP_QUERY = { 'api-version': '2019-08-01', resource: RESOURCE };

test('metadata service: a token for the system-assigned identity works at ARM, numbers are texts', async (t) => {
  const { emulator, tunnel } = await startEmulatorWorld(t);
  const { clientId } = emulator.addManagedIdentity({ isSystemAssigned: true });
  const url = `${emulator.identityEndpoints.metadataService}/metadata/identity/oauth2/token`;
  const { status, body } = await get(url, METADATA_QUERY, METADATA);
  t.is(status, 200);
  t.like(body, { client_id: clientId, resource: RESOURCE, token_type: 'Bearer', expires_in: '3599' });
  t.is(typeof body['expires_on'], 'string');
  const answer = await tunnel.call(`${RESOURCE}/subscriptions?api-version=2020-01-01`, {
    headers: { authorization: `Bearer ${String(body['access_token'])}` },
  });
  t.is(answer.status, 200);
  t.is(answer.body.value.length, 1);
});

test('metadata service: a user-assigned identity is selected by its client id, others are not found', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  const { clientId } = emulator.addManagedIdentity();
  const url = `${emulator.identityEndpoints.metadataService}/metadata/identity/oauth2/token/`;
  const named = await get(url, { ...METADATA_QUERY, client_id: clientId }, METADATA);
  t.like(named, { status: 200, body: { client_id: clientId } });
  for (const query of [METADATA_QUERY, { ...METADATA_QUERY, client_id: 'other' }]) {
    t.deepEqual(await get(url, query, METADATA), {
      status: 400,
      body: { error: 'invalid_request', error_description: 'Identity not found' },
    });
  }
});

test('metadata service: without its header, forwarded, of another version or for nothing it refuses', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  emulator.addManagedIdentity({ isSystemAssigned: true });
  const url = `${emulator.identityEndpoints.metadataService}/metadata/identity/oauth2/token`;
  t.is((await get(url, METADATA_QUERY)).status, 400);
  t.is((await get(url, METADATA_QUERY, { ...METADATA, 'x-forwarded-for': '10.0.0.1' })).status, 400);
  t.is((await get(url, { ...METADATA_QUERY, 'api-version': '2017' }, METADATA)).status, 400);
  t.is((await get(url, { 'api-version': '2018-02-01' }, METADATA)).body['error'], 'invalid_resource');
  t.is((await get(`${url}/x`, METADATA_QUERY, METADATA)).status, 404);
});

test('App Service: only with its header, and tells the end without a lifetime', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  emulator.addManagedIdentity({ isSystemAssigned: true });
  const { appService, appServiceHeader } = emulator.identityEndpoints;
  const { status, body } = await get(appService, APP_QUERY, { 'x-identity-header': appServiceHeader });
  t.is(status, 200);
  t.deepEqual(Object.keys(body).sort(), ['access_token', 'client_id', 'expires_on', 'resource', 'token_type']);
  t.is((await get(appService, APP_QUERY, { 'x-identity-header': 'wrong' })).status, 401);
  t.is((await get(appService, APP_QUERY)).status, 401);
});

test('identity endpoints: faults take the form of the endpoint, and calls are in the log', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  const { metadataService, appService } = emulator.identityEndpoints;
  emulator.addFault({ match: { host: 'managedIdentity' }, times: 2, answer: { status: 410, code: 'gone' } });
  const fromMetadata = await get(`${metadataService}/metadata/identity/oauth2/token`, METADATA_QUERY, METADATA);
  t.like(fromMetadata, { status: 410, body: { error: 'gone' } });
  t.like(await get(appService, APP_QUERY), { status: 410, body: { statusCode: 410 } });
  emulator.addFault({ match: { host: 'managedIdentity' }, answer: 'reset' });
  await t.throwsAsync(get(appService, APP_QUERY));
  t.deepEqual(
    emulator.calls().map(({ status }) => status),
    [410, 410, 0],
  );
});

test('identity endpoints: identities are added over the control API and go with a reset', async (t) => {
  const { emulator } = await startEmulatorWorld(t);
  const added = await fetch(`${emulator.controlUrl}/_emulator/managedIdentities`, {
    method: 'POST',
    body: JSON.stringify({ displayName: 'machine', isSystemAssigned: true }),
  });
  const { principalId } = (await added.json()) as { principalId: string };
  t.is(emulator.tenant().servicePrincipals.find(({ id }) => id === principalId)?.displayName, 'machine');
  emulator.reset();
  const url = `${emulator.identityEndpoints.metadataService}/metadata/identity/oauth2/token`;
  t.is((await get(url, METADATA_QUERY, METADATA)).status, 400);
});
