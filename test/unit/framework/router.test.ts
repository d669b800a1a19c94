import test from 'ava';
import fc from 'fast-check';
import { field } from '../../../src/framework/field-schema.ts';
import { definePath, genericNameRegex, optionalParamRegex, type Path } from '../../../src/framework/path.ts';
import { createRouter } from '../../../src/framework/router.ts';

function makePath(pattern: string, ...names: string[]): Path {
  return definePath({
    pattern,
    fields: Object.fromEntries(names.map((name) => [name, field.string({ description: name })])),
    synopsis: pattern,
    description: '',
    operations: {},
  });
}

test('routing: several patterns match: the first in order', (t) => {
  const first = makePath('roles/special');
  const second = makePath(`roles/${genericNameRegex('name')}`, 'name');
  t.is(createRouter([first, second])('roles/special')?.path, first);
  t.is(createRouter([second, first])('roles/special')?.path, second);
  t.is(createRouter([first])('roles/other'), undefined);
  t.is(createRouter([])(''), undefined);
});

test('routing: an optional group without a part in the match: the empty text', (t) => {
  const route = createRouter([makePath(`x${optionalParamRegex('rest')}`, 'rest')]);
  t.deepEqual([...(route('x')?.captures ?? [])], [['rest', '']]);
  t.deepEqual([...(route('x/y/z')?.captures ?? [])], [['rest', 'y/z']]);
});

test('routing: unnamed groups: captured by nobody', (t) => {
  t.is(createRouter([makePath('a(b)(c)?')])('abc')?.captures.size, 0);
});

test('routing: a group name used twice: refused at start', (t) => {
  t.throws(() => createRouter([makePath('(?P<a>x)/(?P<a>y)', 'a')]), { message: /^path pattern / });
});

/** The same routes, written by hand for JavaScript. */
const oracle: readonly (readonly [pattern: string, names: readonly string[], expression: RegExp])[] = [
  ['config', [], /^config$/],
  ['roles/?', [], /^roles\/?$/],
  [`roles/${genericNameRegex('name')}`, ['name'], /^roles\/(?<name>\w(?:[\w\-.]*\w)?)$/],
  [
    `creds/${genericNameRegex('name')}/extra${optionalParamRegex('rest')}`,
    ['name', 'rest'],
    /^creds\/(?<name>\w(?:[\w\-.]*\w)?)\/extra(?:\/(?<rest>[^\n]+))?$/,
  ],
  ['(?P<kind>keys|certs)/(?P<all>.*)', ['kind', 'all'], /^(?<kind>keys|certs)\/(?<all>[^\n]*)$/],
];

test('routing: any path: as plain regular expressions decide', (t) => {
  const route = createRouter(oracle.map(([pattern, names]) => makePath(pattern, ...names)));
  const words = ['config', 'roles', 'creds', 'extra', 'keys', 'certs', 'a', 'a-b', '.a', 'a.', '_', 'é', '\n', ''];
  const paths = fc.oneof(
    fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((parts) => parts.join('/')),
    fc.string(),
    fc.stringMatching(/^(config|roles|creds|keys|certs)\/[\w.\-/]{0,12}$/),
  );
  fc.assert(
    fc.property(paths, (path) => {
      const found = oracle.find(([, , expression]) => expression.test(path));
      const match = route(path);
      t.is(match?.path.synopsis, found?.[0]);
      const groups = found?.[2].exec(path)?.groups ?? {};
      const expected = Object.entries<string | undefined>(groups).map(([name, value]) => [name, value ?? '']);
      t.deepEqual([...(match?.captures ?? [])], expected);
    }),
    { seed: 20260101, numRuns: 2000 },
  );
});
