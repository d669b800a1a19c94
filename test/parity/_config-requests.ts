/** Requests to `config`: its fields alone, together, in every JSON type, and without effect. */
import type { ExecutionContext } from 'ava';
import type { Pair } from './_pair.ts';
import { BOOLEAN_VALUES, DURATION_VALUES, STRING_VALUES, titleOf } from './_values.ts';

const STRING_FIELDS = ['subscription_id', 'tenant_id', 'client_id', 'client_secret'] as const;
const ENVIRONMENTS = [
  'AzurePublicCloud',
  'AZUREPUBLICCLOUD',
  'azurechinacloud',
  'AzureUSGovernmentCloud',
  'AzureUSGovernmentDoDCloud',
  'AzureGermanCloud',
  'bogus',
  '',
  ' AzurePublicCloud ',
  7,
  null,
];
const BAD_SCHEDULES = [
  '* * * *',
  '0 0 0 * * *',
  '@daily',
  '60 * * * *',
  '* * 0 * *',
  '* * * * 7',
  '5-1 * * * *',
  '*/0 * * * *',
  '1-2-3 * * * *',
  'L * * * *',
  '* * * * 5#2',
  'TZ=Nope 0 0 * * *',
];
const OTHER_WRITES: readonly (readonly [title: string, body: object])[] = [
  ['nothing', {}],
  [
    'all at once',
    {
      subscription_id: 's',
      tenant_id: 't',
      client_id: 'c',
      client_secret: 'x',
      environment: 'AzureChinaCloud',
      root_password_ttl: '48d',
    },
  ],
  ['an unknown field', { subscripton_id: 's' }],
  ['unknown fields beside known ones', { tenant_id: 't2', foo: 1, bar: { baz: [] } }],
  ['a field in capitals', { TENANT_ID: 't3' }],
  // One wrong type at a time: Go reports whichever of several its map gives first.
  ['a wrong type', { root_password_ttl: 'x' }],
  ['a wrong cloud beside good fields', { environment: 'bogus', client_id: 'not stored' }],
  ['an identity token audience', { client_secret: '', identity_token_audience: 'vault/aud' }],
  ['audience and secret', { client_secret: 'x', identity_token_audience: 'vault/aud' }],
  ['identity_token_ttl alone', { identity_token_ttl: '30m' }],
  ['rotation_period', { rotation_period: '1h' }],
  ['rotation_period of 5 s', { rotation_period: 5 }],
  ['rotation_schedule', { rotation_schedule: '0 0 * * 0' }],
  ['rotation_schedule that is none', { rotation_schedule: 'every sunday' }],
  ['rotation_schedule and rotation_period', { rotation_schedule: '0 0 * * 0', rotation_period: '1h' }],
  ['rotation_window alone', { rotation_window: '2h' }],
  ['rotation_window and rotation_period', { rotation_window: '2h', rotation_period: '1h' }],
  ['rotation_window below an hour', { rotation_window: 60, rotation_schedule: '0 0 * * 0' }],
  ['disable_automated_rotation', { disable_automated_rotation: true }],
  ['disable_automated_rotation and a period', { disable_automated_rotation: true, rotation_period: '1h' }],
  ['empty rotation fields', { rotation_schedule: '', rotation_period: 0, rotation_window: 0 }],
  ['metadata', { metadata: { team: 'a' } }],
];

export async function requestConfig(_t: ExecutionContext, pair: Pair): Promise<void> {
  await pair.request('read before any write', 'GET', 'config');
  await pair.request('delete before any write', 'DELETE', 'config');
  const writeAndRead = (title: string, body: unknown): Promise<void> => pair.writeAndRead(title, 'config', body);
  // Each alone, as the first write.
  const singles: [string, unknown][] = [
    ...STRING_FIELDS.map((name): [string, unknown] => [name, 'text']),
    ['environment', 'AzureUSGovernmentCloud'],
    ['root_password_ttl', '30d'],
    ['identity_token_ttl', '30m'],
    ['disable_automated_rotation', true],
  ];
  for (const [name, value] of singles) {
    await pair.prepare('DELETE', 'config');
    await writeAndRead(`${name} alone, first`, { [name]: value });
  }
  await pair.request('delete', 'DELETE', 'config');
  await pair.request('delete twice', 'DELETE', 'config');
  await pair.request('read after deletion', 'GET', 'config');

  await writeAndRead('two fields', { tenant_id: 'a', subscription_id: 'b' });
  await pair.request('write with PUT', 'PUT', 'config', { tenant_id: 'c' });
  await pair.request('read after PUT', 'GET', 'config');
  for (const value of STRING_VALUES) await writeAndRead(titleOf('client_id', value), { client_id: value });
  for (const value of STRING_VALUES)
    await pair.request(`write ${titleOf('client_secret', value)}`, 'POST', 'config', { client_secret: value });
  for (const value of DURATION_VALUES)
    await writeAndRead(titleOf('root_password_ttl', value), { root_password_ttl: value });
  for (const value of BOOLEAN_VALUES) {
    await writeAndRead(titleOf('disable_automated_rotation', value), { disable_automated_rotation: value });
  }
  for (const value of ENVIRONMENTS) {
    await pair.prepare('POST', 'config', { environment: 'AzureChinaCloud' });
    await writeAndRead(titleOf('environment', value), { environment: value });
  }
  await pair.prepare('DELETE', 'config');
  for (const schedule of BAD_SCHEDULES) {
    await writeAndRead(titleOf('rotation_schedule', schedule), { rotation_schedule: schedule });
  }
  await pair.prepare('DELETE', 'config');
  await pair.prepare('POST', 'config', { subscription_id: 's', tenant_id: 't', client_id: 'c', client_secret: 'x' });
  await pair.request('write rotation_period beside a secret', 'POST', 'config', { rotation_period: '1h' });
  for (const [title, body] of OTHER_WRITES) {
    await pair.prepare('DELETE', 'config');
    await pair.prepare('POST', 'config', { tenant_id: 'before', subscription_id: 'before' });
    await writeAndRead(title, body);
  }
  await pair.request('read with an unknown parameter', 'GET', 'config?foo=bar');
}
