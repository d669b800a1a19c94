import test from 'ava';
import { EngineWorld } from '../../helpers/engine-world.ts';

test('config metadata, written, read, replaced and cleared, is what was last written', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine, { metadata: { team: 'identity', stage: 'test' } });
  const read = async (): Promise<unknown> => (await engine.request('read', 'config'))?.data?.['metadata'];
  t.deepEqual(await read(), { team: 'identity', stage: 'test' });
  await engine.request('update', 'config', { request_timeout: 20 });
  t.deepEqual(await read(), { team: 'identity', stage: 'test' });
  await engine.request('update', 'config', { metadata: '{"team":"web"}' });
  t.deepEqual(await read(), { team: 'web' });
  await engine.request('update', 'config', { metadata: {} });
  t.is(await read(), undefined);
});

test('role metadata, answered with each credential, wins over what the request adds', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  for (const [role, fields] of [
    ['dynamic', world.dynamicRole()],
    ['existing', world.existingRole()],
  ] as const) {
    await engine.request('create', `roles/${role}`, { ...fields, metadata: ['team=web', 'stage=test'] });
    t.deepEqual((await engine.request('read', `roles/${role}`))?.data?.['metadata'], { team: 'web', stage: 'test' });
    const issue = async (metadata: string | string[]): Promise<unknown> =>
      (await engine.request('read', `creds/${role}`, { metadata }))?.data?.['metadata'];
    t.deepEqual(await issue([]), { team: 'web', stage: 'test' });
    t.deepEqual(await issue(['team=other', 'ticket=7']), { team: 'web', stage: 'test', ticket: '7' });
    await engine.request('update', `roles/${role}`, { metadata: {} });
    t.deepEqual(await issue('ticket=7'), { ticket: '7' });
    t.is(await issue([]), undefined);
    t.false('metadata' in ((await engine.request('read', `roles/${role}`))?.data ?? {}));
  }
});

test('role metadata, stored in a form that cannot be read, is shown as the constant and kept', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  await engine.request('create', 'roles/web', world.existingRole());
  const stored = world.storage.dump().get('roles/web') ?? '';
  const foreign = { ...(JSON.parse(stored) as object), metadata: 'team=web' };
  await world.storage.put({ storageKey: 'roles/web', value: new TextEncoder().encode(JSON.stringify(foreign)) });

  const later = world.startProcess();
  t.is((await later.request('read', 'roles/web'))?.data?.['metadata'], 'invalid_data');
  t.is((await later.request('read', 'creds/web', { metadata: 'ticket=7' }))?.data?.['metadata'], 'invalid_data');
  await later.request('update', 'roles/web', { ttl: '2h' });
  t.regex(world.storage.dump().get('roles/web') ?? '', /"metadata":"team=web"/);
  await later.request('update', 'roles/web', { metadata: 'team=web' });
  t.deepEqual((await later.request('read', 'roles/web'))?.data?.['metadata'], { team: 'web' });
});

test('metadata, what is no pair, is refused and nothing is made', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  await engine.request('create', 'roles/web', world.dynamicRole());
  const before = world.objects();
  await t.throwsAsync(engine.request('read', 'creds/web', { metadata: 'ticket' }), {
    code: 'ERR_INVALID_REQUEST',
    message: /field "metadata"/,
  });
  t.deepEqual(world.objects(), before);
});
