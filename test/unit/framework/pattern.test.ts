import test from 'ava';
import { InvariantError } from '../../../src/errors.ts';
import {
  genericNameRegex,
  genericNameWithAtRegex,
  matchAllRegex,
  optionalParamRegex,
} from '../../../src/framework/path.ts';
import { anchorPattern, captureNames, parsePattern } from '../../../src/framework/pattern.ts';
import { expandPattern } from '../../../src/framework/pattern-expansion.ts';

const matches = (pattern: string, text: string): boolean =>
  new RegExp(parsePattern(anchorPattern(pattern)).source).test(text);

test('anchors: added unless already there', (t) => {
  t.is(anchorPattern('a'), '^a$');
  t.is(anchorPattern('^a'), '^a$');
  t.is(anchorPattern('a$'), '^a$');
});

test("Go's expressions in JavaScript: the same texts match", (t) => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['config', ['config'], ['config/', 'xconfig', 'config\n']],
    ['roles/?', ['roles', 'roles/'], ['roles//', 'role']],
    ['a.c', ['abc', 'a\rc', 'a\u2028c'], ['ac', 'a\nc']],
    ['a\\.c', ['a.c'], ['abc']],
    ['\\s+', [' \t\n\f\r'], ['\u00a0', '\v']],
    ['[\\s]', [' '], ['\u00a0']],
    ['[]a]+', ['a]]'], ['b']],
    ['[^]a]+', ['bc'], ['a', ']']],
    ['[\\w-.]+', ['a-b.c'], ['a b']],
    ['(a|b)/(c|d)?', ['a/', 'b/d'], ['a/cd', 'c/']],
    ['a{2,3}', ['aa', 'aaa'], ['a', 'aaaa']],
    ['x{', ['x{'], ['x']],
    ['\\Aa\\z', ['a'], ['ab']],
    ['a+?b*?', ['aab'], ['b']],
    ['(?:ab)+', ['abab'], ['aba']],
    ['a/b\\/c', ['a/b/c'], ['a/b']],
    ['\\d\\D\\W\\S', ['1a.x'], ['aaaa']],
    ['a\\tb', ['a\tb'], ['atb']],
  ];
  for (const [pattern, yes, no] of table) {
    for (const text of yes) t.true(matches(pattern, text), `${pattern} ${JSON.stringify(text)}`);
    for (const text of no) t.false(matches(pattern, text), `${pattern} ${JSON.stringify(text)}`);
  }
});

test('expressions that are broken or not understood: refused at start, with their place', (t) => {
  for (const pattern of ['a(', 'a)', '(?i)a', '[a', '[[:alpha:]]', '\\pL', 'a\\', '*a', '(?P<1>a)', '[\\b]', '(a']) {
    t.throws(() => parsePattern(pattern), { instanceOf: InvariantError, message: /^path pattern / }, pattern);
  }
});

test('names of captures: in order, nested ones too', (t) => {
  t.deepEqual(captureNames(parsePattern('(?P<a>x(?P<b>y))?/(?P<c>z)+|(?P<d>.)')), ['a', 'b', 'c', 'd']);
});

test('name helpers: what may stand in a name', (t) => {
  const name = (text: string): boolean => matches(genericNameRegex('n'), text);
  for (const text of ['a', '_', '9', 'a-b', 'a.b', 'a--b', 'A_1']) t.true(name(text), text);
  for (const text of ['', '-', 'a-', '.a', 'a b', 'a/b', 'a@b', 'é', 'a\n']) t.false(name(text), text);
  t.true(matches(genericNameWithAtRegex('n'), 'a@b.c'));
  t.false(matches(genericNameWithAtRegex('n'), '@b'));
  t.true(matches(`x${optionalParamRegex('n')}`, 'x/y/z'));
  t.true(matches(`x${optionalParamRegex('n')}`, 'x'));
  t.false(matches(`x${optionalParamRegex('n')}`, 'x/'));
  t.true(matches(`x${matchAllRegex('n')}`, 'x/y'));
});

test('name helpers: a very long path that does not match: refused without backtracking for minutes', (t) => {
  const twoNames = `${genericNameRegex('a')}/${genericNameWithAtRegex('b')}`;
  t.false(matches(twoNames, `${'a-'.repeat(20_000)}/${'b.'.repeat(20_000)}`));
});

test('literal paths: options and alternatives fork, groups become parameters', (t) => {
  const expand = (pattern: string): string[] | undefined => expandPattern(parsePattern(anchorPattern(pattern)));
  t.deepEqual(expand('config'), ['config']);
  t.deepEqual(expand('roles/?'), ['roles']);
  t.deepEqual(expand(`roles/${genericNameRegex('name')}`), ['roles/{name}']);
  t.deepEqual(expand(`x${optionalParamRegex('p')}`), ['x', 'x/{p}']);
  t.deepEqual(expand('a/(b|cc)(/dd)?'), ['a/b', 'a/cc', 'a/b/dd', 'a/cc/dd']);
  t.deepEqual(expand('crl(/pem|/der|/delta(/pem|/der)?)?'), [
    'crl',
    'crl/pem',
    'crl/der',
    'crl/delta',
    'crl/delta/pem',
    'crl/delta/der',
  ]);
  t.deepEqual(expand('a/?(b)?'), ['a', 'ab', 'a/b']);
  t.is(expand('.*'), undefined);
  t.is(expand('a[bc]'), undefined);
  t.is(expand('a(b|[c])'), undefined);
  t.is(expand('a(b+)?'), undefined);
});
