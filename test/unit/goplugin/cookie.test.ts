/** src/goplugin/cookie.ts */
import test from 'ava';
import { isStartedByHost } from '../../../src/goplugin/cookie.ts';

test('cookie, right value, means a start by the host', (t) => {
  t.true(isStartedByHost({ VAULT_BACKEND_PLUGIN: '6669da05-b1c8-4f49-97d9-c8e5bed98e20' }));
});

for (const [title, variables] of [
  ['absent', {}],
  ['empty', { VAULT_BACKEND_PLUGIN: '' }],
  ['other value', { VAULT_BACKEND_PLUGIN: '6669da05-b1c8-4f49-97d9-c8e5bed98e21' }],
  ["database plugin's", { VAULT_DATABASE_PLUGIN: '926a0820-aea2-be28-51d6-83cdf00e8edb' }],
] as const) {
  test(`cookie, ${title}, is no start by the host`, (t) => {
    t.false(isStartedByHost(variables));
  });
}
