import test from 'ava';
import { importScript } from '../../helpers/import-script.ts';

const { judgeImport, findCycles } = await importScript('check-floors.mjs');
const { findBannedWords } = await importScript('check-words.mjs');
const { findTrace } = await importScript('check-traces.mjs');
const { findForeignCode } = await importScript('lib/bundle.mjs');

type Kind = 'value' | 'type' | 'lazy';

const judge = (file: string, specifier: string, kind: Kind): unknown =>
  judgeImport(file, { specifier, isTypeOnly: kind === 'type', isLazy: kind === 'lazy' });

const allowed = test.macro((t, file: string, specifier: string, kind: Kind = 'value') => {
  t.is(judge(file, specifier, kind), undefined);
});
const refused = test.macro((t, file: string, specifier: string, kind: Kind = 'value') => {
  t.is(typeof judge(file, specifier, kind), 'string');
});

test('floors, an engine on the framework: allowed', allowed, 'src/engines/azure/a.ts', '../../framework/path.ts');
test('floors, an engine on another engine: refused', refused, 'src/engines/azure/a.ts', '../sync/b.ts');
test('floors, an engine on the bridge: refused', refused, 'src/engines/azure/a.ts', '../../bridge/b.ts');
test('floors, framework on azure, a type: refused', refused, 'src/framework/a.ts', '../azure/provider.ts', 'type');
test('floors, upwards: refused', refused, 'src/util/clock.ts', '../logical/request.ts', 'type');
test('floors, errors beside util: allowed', allowed, 'src/util/json.ts', '../errors.ts');
test('floors, out of src: refused', refused, 'src/util/json.ts', '../../test/helpers/fake-clock.ts');
test('floors, gRPC in goplugin: allowed', allowed, 'src/goplugin/a.ts', '@grpc/grpc-js');
test('floors, gRPC in the framework: refused', refused, 'src/framework/a.ts', '@grpc/grpc-js', 'type');
test('floors, an Azure package at load: refused', refused, 'src/azure/a.ts', '@azure/identity');
test('floors, an Azure package when needed: allowed', allowed, 'src/azure/a.ts', '@azure/identity', 'lazy');
test('floors, a type of an Azure package: allowed', allowed, 'src/azure/a.ts', '@azure/core-auth', 'type');
test('floors, files in an engine: refused', refused, 'src/engines/azure/a.ts', 'node:fs');
test('floors, hashes in an engine: allowed', allowed, 'src/engines/azure/a.ts', 'node:crypto');
test('floors, a folder nobody knows: refused', refused, 'src/extra/a.ts', '../errors.ts');

test('cycles, three files in a ring: reported once', (t) => {
  const to = (specifier: string): { specifier: string; line: number }[] => [{ specifier, line: 3 }];
  const ring = new Map([
    ['src/util/a.ts', to('./b.ts')],
    ['src/util/b.ts', to('./c.ts')],
    ['src/util/c.ts', to('./a.ts')],
    ['src/util/d.ts', to('./a.ts')],
  ]);
  t.deepEqual(findCycles(ring), [
    'src/util/c.ts:3: import cycle src/util/a.ts → src/util/b.ts → src/util/c.ts → src/util/a.ts',
  ]);
});

const names = test.macro((t, text: string, count: number) => {
  t.is(findBannedWords('src/x.ts', text).length, count);
});
test('words, a variable called vault: refused', names, 'const vaultToken = 1;', 1);
test('words, an option called client: refused', names, 'interface A { client: string }', 1);
test('words, a key vault: allowed', names, 'const keyVaultName = 1; function listKeyVaults() {}', 0);
test('words, a client of somebody: allowed', names, 'const graphClient = 1, clientId = 2;', 0);
test(
  'words, names of others, strings, comments: allowed',
  names,
  "import { Client, Server as G } from 'x'; G.vault('vault'); //",
  0,
);
test('words, a field of the wire: allowed', names, 'interface A { vault_version: string }', 0);

test('traces, folders of a machine and registries: found; addresses and relative paths: not', (t) => {
  const home = ['', 'home', 'somebody', 'x'].join('/');
  const registry = ['registry', 'npmjs', 'org'].join('.');
  t.is(typeof findTrace(`see ${home}`), 'string');
  t.is(typeof findTrace(`from ${registry}`), 'string');
  const address = ['https://example.com', 'home', 'page'].join('/');
  const relative = ['.', 'work', 'x'].join('/');
  const inSources = ['src', 'root', 'a'].join('/');
  t.is(findTrace(`${address} and ${relative} and ${inSources}`), undefined);
});

test('bundle, code from outside: a package, a variable and a path are found, built-ins pass', (t) => {
  const text = 'require("node:fs");require("tls");a.require(b);require("open");require(name);import("left-pad")';
  const problems: string[] = findForeignCode(text);
  t.deepEqual(
    problems.map((line) => line.split(':')[0]),
    ['require("open")', 'require(name)', 'import("left-pad")'],
  );
});

test('bundle, code from outside by the function of another chunk: found; built-ins and parts pass', (t) => {
  const text =
    'return(0,chunk.__require)("open");x=(0,chunk.__require)("fs");__require(name);__require("tls");' +
    'require("./part.js");require("./other.js")';
  const problems: string[] = findForeignCode(text, new Set(['./part.js']));
  t.deepEqual(
    problems.map((line) => line.split(':')[0]),
    ['(0,chunk.__require)("open")', '__require(name)', 'require("./other.js")'],
  );
});
