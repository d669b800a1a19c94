import test from 'ava';
import fc from 'fast-check';
import {
  armPath,
  filterContains,
  filterEquals,
  keySegment,
  pathSegment,
  plainFilterEquals,
} from '../../../src/azure/odata.ts';
import { InvalidRequestError, InvariantError } from '../../../src/errors.ts';

const SEED = 20260101;
const SAFE = /^[A-Za-z0-9\-_.~%=()']*$/;

/** Well-formed text, as it survives a trip through UTF-8. */
const anyText = fc.string({ unit: 'binary', minLength: 1 });

test('a filter, any value, arrives as one query parameter with the value as a literal', (t) => {
  fc.assert(
    fc.property(anyText, (value) => {
      const url = new URL(
        `https://graph.microsoft.com/v1.0/groups?$filter=${filterEquals('displayName', value)}&$top=1`,
      );
      t.is(url.searchParams.get('$filter'), `displayName eq '${value.replaceAll("'", "''")}'`);
      t.is(url.searchParams.get('$top'), '1');
      t.is(url.hash, '');
    }),
    { seed: SEED },
  );
});

test('a filter on a collection, any value, arrives as one query parameter', (t) => {
  fc.assert(
    fc.property(anyText, (value) => {
      const url = new URL(`https://graph.microsoft.com/v1.0/applications?$filter=${filterContains('tags', value)}`);
      t.is(url.searchParams.get('$filter'), `tags/any(x:x eq '${value.replaceAll("'", "''")}')`);
      t.is([...url.searchParams].length, 1);
    }),
    { seed: SEED },
  );
});

test('a path segment, any value but dots, stays one segment and decodes to the value', (t) => {
  fc.assert(
    fc.property(
      anyText.filter((value) => value !== '.' && value !== '..'),
      (value) => {
        const { pathname, search, hash } = new URL(
          `https://graph.microsoft.com/v1.0/groups/${pathSegment(value)}/members`,
        );
        const segments = pathname.split('/');
        t.is(segments.length, 5);
        t.is(decodeURIComponent(segments[3]!), value);
        t.is(search + hash, '');
      },
    ),
    { seed: SEED },
  );
});

test('a key segment, any value, stays inside its quotes', (t) => {
  fc.assert(
    fc.property(anyText, (value) => {
      const { pathname } = new URL(`https://graph.microsoft.com/v1.0/servicePrincipals${keySegment('appId', value)}`);
      const key = decodeURIComponent(pathname.split('/').at(-1)!);
      t.is(key, `servicePrincipals(appId='${value.replaceAll("'", "''")}')`);
      t.regex(keySegment('appId', value), SAFE);
    }),
    { seed: SEED },
  );
});

test('escaping, half a surrogate pair, becomes the replacement character', (t) => {
  t.is(pathSegment('a\uD800b'), 'a%EF%BF%BDb');
  t.is(filterEquals('n', '\uDC00'), 'n%20eq%20%27%EF%BF%BD%27');
});

test('escaping, the classic troublemakers, spelt out', (t) => {
  t.is(filterEquals('displayName', "O'Brien & Co+ #1"), 'displayName%20eq%20%27O%27%27Brien%20%26%20Co%2B%20%231%27');
  t.is(plainFilterEquals('roleName', "O'Brien"), "roleName eq 'O''Brien'");
  t.is(keySegment('appId', "1'f"), "(appId='1%27%27f')");
});

test('a path segment, empty or dots, is refused', (t) => {
  t.throws(() => pathSegment(''), { instanceOf: InvariantError });
  t.throws(() => pathSegment('.'), { instanceOf: InvalidRequestError });
  t.throws(() => pathSegment('..'), { instanceOf: InvalidRequestError });
});

test('an ARM path, slashes at the ends and doubled, come out single', (t) => {
  t.is(armPath('/subscriptions/1//resourceGroups/web/'), 'subscriptions/1/resourceGroups/web');
  t.is(armPath('subscriptions/1'), 'subscriptions/1');
  t.is(armPath('/'), '');
});

test('an ARM path, characters with a meaning in addresses, are escaped inside their segment', (t) => {
  t.is(armPath('/subscriptions/1/resourceGroups/a b?c#d'), 'subscriptions/1/resourceGroups/a%20b%3Fc%23d');
  t.is(armPath('/subscriptions/1/resourceGroups/web(1)'), 'subscriptions/1/resourceGroups/web%281%29');
});

test('an ARM path, dot segments, are refused', (t) => {
  t.throws(() => armPath('/subscriptions/1/../2'), { instanceOf: InvalidRequestError, message: /"\.\."/ });
});
