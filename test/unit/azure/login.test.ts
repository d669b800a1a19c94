import test from 'ava';
import { AzureError } from '../../../src/errors.ts';
import { azureCall } from '../../helpers/azure-call.ts';
import { startStubAzure } from '../../helpers/stub-azure.ts';

test('a login probe, accepted, logs in as the given client on a connection of its own each time', async (t) => {
  const { provider, logins } = await startStubAzure(t);
  for (let count = 0; count < 3; count++) {
    await provider.login.verifyLogin('other-client', 'other-secret', azureCall('verify login'));
  }
  const connections = logins().map((login) => login.connection);
  t.is(new Set(connections).size, 3);
  for (const { body } of logins()) {
    t.is(new URLSearchParams(body).get('client_id'), 'other-client');
    t.is(new URLSearchParams(body).get('client_secret'), 'other-secret');
  }
});

test('a login probe, refused and later accepted, asks each time', async (t) => {
  let isAccepted = false;
  const { provider, logins } = await startStubAzure(t, {
    logIn: () =>
      isAccepted
        ? { body: { token_type: 'Bearer', expires_in: 3599, access_token: 'x' } }
        : {
            status: 401,
            body: { error: 'invalid_client', error_description: 'AADSTS7000215: Wrong.', error_codes: [7000215] },
          },
  });
  const error = await t.throwsAsync(provider.login.verifyLogin('c', 's', azureCall('verify login')), {
    instanceOf: AzureError,
    message: 'verify login: 401 AADSTS7000215: Wrong.',
  });
  t.is(error.azureCode, 'AADSTS7000215');
  isAccepted = true;
  await provider.login.verifyLogin('c', 's', azureCall('verify login'));
  t.is(logins().length, 2);
});
