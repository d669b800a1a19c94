import test from 'ava';
import { importScript } from '../../helpers/import-script.ts';

const { findMismatch } = await importScript('lib/dependencies.mjs');
const { findLockProblems } = await importScript('check-lock.mjs');

const LOCK = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a', dependencies: { b: '^2.0.0' } },
  'node_modules/b': { version: '2.1.0', integrity: 'sha512-b', dev: true },
  'node_modules/a-win32': { version: '1.0.0', integrity: 'sha512-w', optional: true },
};
const INSTALLED = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.1.0', integrity: 'sha512-b' },
};

const differs = test.macro((t, installed: object | undefined, expected: RegExp) => {
  t.regex(findMismatch(LOCK, installed), expected);
});

test('dependencies, all there but an optional one: nothing to install', (t) => {
  t.is(findMismatch(LOCK, INSTALLED), undefined);
});
test('dependencies, nothing installed: install', differs, undefined, /nothing/);
test(
  'dependencies, tools left out: install',
  differs,
  { 'node_modules/a': INSTALLED['node_modules/a'] },
  /b is missing/,
);
test('dependencies, one more than locked: install', differs, { ...INSTALLED, 'node_modules/c': {} }, /c is not in/);
test(
  'dependencies, same version with other content: install',
  differs,
  { ...INSTALLED, 'node_modules/b': { version: '2.1.0', integrity: 'sha512-x' } },
  /b is another version/,
);

test('lock file, complete: no problem', (t) => {
  t.deepEqual(findLockProblems({ dependencies: { a: '1.0.0' } }, LOCK), []);
});

test('lock file, a platform package left out or a version changed by hand: says which', (t) => {
  const packages = {
    ...LOCK,
    'node_modules/a': { ...LOCK['node_modules/a'], optionalDependencies: { 'a-darwin': '1.0.0' } },
    'node_modules/a/node_modules/d': { version: '1.0.0', dependencies: { b: '*' } },
  };
  const problems: string[] = findLockProblems({ devDependencies: { a: '1.0.1' } }, packages);
  t.is(problems.length, 2);
  t.regex(problems[0]!, /has a 1\.0\.1, package-lock\.json 1\.0\.0/);
  t.regex(problems[1]!, /asks for a-darwin/);
});
