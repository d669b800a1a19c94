import test from 'ava';
import { InvalidRequestError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { EngineWorld } from '../../helpers/engine-world.ts';

const EXCLUSIVE =
  'mutually exclusive fields rotation_schedule and rotation_period were both specified; only one of them can be provided';

/** Written on top of `stored`; nothing of it may be kept, and nobody told. */
const refused = test.macro<[given: JsonObject, message: string | RegExp, stored?: JsonObject]>(
  async (t, given, message, stored = {}) => {
    const world = await EngineWorld.start();
    t.teardown(() => world.stop());
    await world.configure(world.startProcess(), stored);
    const before = world.storage.dump();
    world.systemView.rotationJobs = new Map();
    const callsBefore = world.emulator.calls().length;
    await t.throwsAsync(world.startProcess().request('update', 'config', given), {
      instanceOf: InvalidRequestError,
      message,
    });
    t.deepEqual(world.storage.dump(), before);
    t.is(world.systemView.rotationJobs.size, 0);
    t.is(world.emulator.calls().length, callsBefore);
  },
);

test(
  'rotation fields, schedule and period, exclude one another before the schedule is even read',
  refused,
  { rotation_schedule: 'nonsense', rotation_period: 5, rotation_window: 1 },
  EXCLUSIVE,
);
test(
  'rotation fields, schedule that is none, is refused before the window is looked at',
  refused,
  { rotation_schedule: 'every sunday', rotation_window: 60 },
  'failed to parse provided rotation_schedule: expected exactly 5 fields, found 2: [every sunday]',
);
test(
  'rotation fields, descriptor, is refused as the host does',
  refused,
  { rotation_schedule: '@daily' },
  'failed to parse provided rotation_schedule: parser does not accept descriptors: @daily',
);
test(
  'rotation fields, schedule that never comes due, is refused',
  refused,
  { rotation_schedule: '0 0 31 2 *' },
  'failed to parse provided rotation_schedule: the schedule never comes due',
);
test(
  'rotation fields, bad schedule that is disabled, is refused all the same',
  refused,
  { rotation_schedule: '* * * *', disable_automated_rotation: true },
  /^failed to parse provided rotation_schedule: /,
);
test(
  'rotation fields, window and period, do not go together',
  refused,
  { rotation_window: 3600, rotation_period: 60 },
  'rotation_window does not apply to period',
);
test(
  'rotation fields, window alone, needs a schedule',
  refused,
  { rotation_window: 3600 },
  'cannot use rotation_window without rotation_schedule',
);
test(
  'rotation fields, window alone with a schedule stored, needs it given again, as with the host',
  refused,
  { rotation_window: 3600 },
  'cannot use rotation_window without rotation_schedule',
  { rotation_schedule: '0 0 * * SAT' },
);
test(
  'rotation fields, window with an empty schedule, needs one',
  refused,
  { rotation_schedule: '', rotation_window: 3600 },
  'cannot use rotation_window without rotation_schedule',
);
test(
  'rotation fields, period below ten seconds, is refused',
  refused,
  { rotation_period: 9 },
  'rotation_period must be 10 seconds or more',
);
test(
  'rotation fields, window below an hour, is refused',
  refused,
  { rotation_schedule: '0 0 * * SAT', rotation_window: 3599 },
  'rotation_window must be 3600 seconds or more',
);
test(
  'rotation fields, period beside a stored schedule, says how to change over',
  refused,
  { rotation_period: 60 },
  `${EXCLUSIVE}: clear the stored one in the same write, rotation_schedule=""`,
  { rotation_schedule: '0 0 * * SAT' },
);
test(
  'rotation fields, schedule beside a stored period, says how to change over',
  refused,
  { rotation_schedule: '0 0 * * SAT' },
  `${EXCLUSIVE}: clear the stored one in the same write, rotation_period=0`,
  { rotation_period: 60 },
);
test(
  'rotation fields, with a managed identity, are refused: there is nothing to rotate',
  refused,
  { client_secret: '', rotation_period: 60 },
  'nothing to rotate: no client_secret is in use, the plugin logs in with a managed identity, whose secret the platform keeps; without rotation_schedule and rotation_period, or with disable_automated_rotation=true, it can be stored',
);
test(
  'rotation fields, secret taken away under a stored schedule, are refused',
  refused,
  { client_secret: '' },
  /^nothing to rotate: .*; without rotation_schedule/,
  { rotation_schedule: '0 0 * * SAT' },
);

test('rotation fields, with a secret of the environment, are refused: it is not ours to rotate', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess({ environment: { clientSecret: 'x' } });
  await t.throwsAsync(world.configure(engine, { rotation_period: 60 }), {
    instanceOf: InvalidRequestError,
    message: /^the credential comes from the server environment .*; without rotation_schedule and rotation_period/,
  });
  t.deepEqual(world.storage.keys(), []);
});

test('rotation fields, as first write without a tenant, are refused with what is missing', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  await t.throwsAsync(world.startProcess().request('create', 'config', { rotation_period: 60 }), {
    instanceOf: InvalidRequestError,
    message: /^subscription_id is required; /,
  });
});

const stored = test.macro<[writes: readonly JsonObject[], expected: JsonObject]>(async (t, writes, expected) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  for (const write of writes) await engine.request('update', 'config', write);
  t.like(world.storage.readJson('config'), expected);
});

test(
  'rotation fields, schedule and window, are stored as the Go plugin does',
  stored,
  [{ rotation_schedule: '0 0 * * SAT', rotation_window: '2h' }],
  { rotation_schedule: '0 0 * * SAT', rotation_window: 7200e9, rotation_period: 0, disable_automated_rotation: false },
);
test('rotation fields, period, is stored as the Go plugin does', stored, [{ rotation_period: '720h' }], {
  rotation_schedule: '',
  rotation_window: 0,
  rotation_period: 720 * 3600e9,
});
test(
  'rotation fields, another schedule, keeps the window',
  stored,
  [{ rotation_schedule: '0 0 * * SAT', rotation_window: '2h' }, { rotation_schedule: '0 0 * * SUN' }],
  { rotation_schedule: '0 0 * * SUN', rotation_window: 7200e9 },
);
test(
  'rotation fields, empty schedule, clears the window with it',
  stored,
  [{ rotation_schedule: '0 0 * * SAT', rotation_window: '2h' }, { rotation_schedule: '' }],
  { rotation_schedule: '', rotation_window: 0 },
);
test(
  'rotation fields, change over in one write, is taken',
  stored,
  [
    { rotation_schedule: '0 0 * * SAT', rotation_window: '2h' },
    { rotation_schedule: '', rotation_period: '1h' },
  ],
  { rotation_schedule: '', rotation_window: 0, rotation_period: 3600e9 },
);
test(
  'rotation fields, disabled with a managed identity, are stored for later',
  stored,
  [{ client_secret: '', rotation_period: '1h', disable_automated_rotation: true }],
  { rotation_period: 3600e9, disable_automated_rotation: true },
);

test('rotation fields, rotations further apart than a secret lives, are stored with a warning', async (t) => {
  const world = await EngineWorld.start();
  t.teardown(() => world.stop());
  const engine = world.startProcess();
  await world.configure(engine);
  const write = async (fields: JsonObject): Promise<readonly string[]> =>
    (await engine.request('update', 'config', fields))?.warnings ?? [];
  t.deepEqual(await write({ rotation_period: '30d', root_password_ttl: '30d' }), [
    'the root secret ends in Azure before it is rotated: root_password_ttl is 2592000 s, and rotations are 2592000 s apart; raise root_password_ttl',
  ]);
  t.deepEqual(await write({ root_password_ttl: '31d' }), []);
  t.regex(
    (await write({ rotation_period: 0, rotation_schedule: '0 0 1 JAN *' }))[0] ?? '',
    /rotations are 31\d+ s apart/,
  );
  t.deepEqual(await write({ rotation_schedule: '0 0 * * SAT' }), []);
  t.deepEqual(await write({ root_password_ttl: '1h', disable_automated_rotation: true }), []);
});
