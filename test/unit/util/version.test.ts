/** src/util/version.ts */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { PLUGIN_VERSION } from '../../../src/util/version.ts';

test('version, reported to the host, is that of package.json in canonical form', (t) => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  t.is(PLUGIN_VERSION, `v${manifest.version}`);
  t.regex(PLUGIN_VERSION, /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/);
});
