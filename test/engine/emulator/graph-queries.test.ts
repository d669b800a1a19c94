/** `$filter`, `$select`, `$top`, `$count`, paging; escaping above all. */
import { isDeepStrictEqual } from 'node:util';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { ClientSecretCredential } from '@azure/identity';
import test from 'ava';
import fc from 'fast-check';
import { FilterSyntaxError, parseFilter, quoteLiteral } from '../../emulator/odata/filter.ts';
import { parseODataPath } from '../../emulator/odata/path.ts';
import { startEmulatorWorld, type EmulatorWorld } from '../../helpers/emulator-world.ts';

const AWKWARD = "O'Brien & Co+ #1 (50%) ä/ö?";

function listBy(
  { graph }: EmulatorWorld,
  filter: string,
  more = '',
  headers: Record<string, string> = {},
): ReturnType<typeof graph> {
  return graph('GET', `/applications?$filter=${encodeURIComponent(filter)}${more}`, { headers });
}

const names = ({ body }: { body: { value: { displayName: string }[] } }): string[] =>
  body.value.map(({ displayName }) => displayName).sort();

test('filter: any text survives quoting and parsing', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (left, right) => {
      const node = parseFilter(`displayName eq ${quoteLiteral(left)} and startswith(tag,${quoteLiteral(right)})`);
      return isDeepStrictEqual(node, {
        kind: 'and',
        left: { kind: 'compare', property: 'displayName', operator: 'eq', value: left },
        right: { kind: 'call', name: 'startswith', property: 'tag', values: [right] },
      });
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
  t.pass();
});

test('path: any text survives as a key in parentheses', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const path = `/applications(uniqueName=${encodeURIComponent(quoteLiteral(text))})/addPassword`;
      const expected = ['applications', { keyName: 'uniqueName', value: text }, 'addPassword'];
      return isDeepStrictEqual(parseODataPath(path), expected);
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
  t.pass();
});

test('filter: precedence, parentheses, lists, literals of every kind', (t) => {
  const of = (property: string, value: unknown): object => ({ kind: 'compare', property, operator: 'eq', value });
  t.deepEqual(parseFilter("a eq 'x' or b eq 1 and not (c eq null)"), {
    kind: 'or',
    left: of('a', 'x'),
    right: { kind: 'and', left: of('b', 1), right: { kind: 'not', inner: of('c', null) } },
  } as ReturnType<typeof parseFilter>);
  t.deepEqual(parseFilter("id in ('a','b')"), { kind: 'in', property: 'id', values: ['a', 'b'] });
  t.like(parseFilter('at ge 2026-01-02T03:04:05Z'), { operator: 'ge', value: '2026-01-02T03:04:05Z' });
  t.like(parseFilter('id eq b24988ac-6180-42a0-ab88-20f7382dd24c'), { value: 'b24988ac-6180-42a0-ab88-20f7382dd24c' });
  t.deepEqual(parseFilter('atScope()'), { kind: 'call', name: 'atScope', property: undefined, values: [] });
});

const malformed = test.macro({
  title: (_name, text: string) => `filter: syntax error: ${text}`,
  exec: (t, text: string) => {
    t.throws(() => parseFilter(text), { instanceOf: FilterSyntaxError });
  },
});

test(malformed, "displayName eq 'O'Brien'");
test(malformed, "displayName eq 'open");
test(malformed, 'displayName eq');
test(malformed, "displayName is 'x'");
test(malformed, "(displayName eq 'x'");
test(malformed, "tags/any(t t eq 'x')");
test(malformed, "displayName eq 'x' extra");
test(malformed, '');

test('list: by display name with every awkward character; unescaped quotes are a 400', async (t) => {
  const world = await startEmulatorWorld(t);
  await world.graph('POST', '/applications', { body: { displayName: AWKWARD } });
  t.deepEqual(names(await listBy(world, `displayName eq ${quoteLiteral(AWKWARD)}`)), [AWKWARD]);
  const broken = await listBy(world, `displayName eq '${AWKWARD}'`);
  t.is(broken.status, 400);
  t.is(broken.body.error.code, 'BadRequest');
});

test('list: by app id, start of name, tag, set of values; text in any case', async (t) => {
  const world = await startEmulatorWorld(t);
  const made = await world.graph('POST', '/applications', {
    body: { displayName: 'Vault-one', tags: ["it's", 'vault'] },
  });
  await world.graph('POST', '/applications', { body: { displayName: 'vault-two', tags: ['vault'] } });
  t.deepEqual(names(await listBy(world, `appId eq '${String(made.body.appId)}'`)), ['Vault-one']);
  t.deepEqual(names(await listBy(world, `id eq ${String(made.body.id)}`)), ['Vault-one']);
  t.deepEqual(names(await listBy(world, "displayName eq 'VAULT-ONE'")), ['Vault-one']);
  t.deepEqual(names(await listBy(world, "startswith(displayName,'vault-t')")), ['vault-two']);
  t.deepEqual(names(await listBy(world, "tags/any(t:t eq 'vault')")), ['Vault-one', 'vault-two']);
  t.deepEqual(names(await listBy(world, "tags/any(x:x eq 'it''s') and tags/any(x:x eq 'vault')")), ['Vault-one']);
  t.deepEqual(names(await listBy(world, "tags/any(t:startswith(t,'it'))")), ['Vault-one']);
  t.deepEqual(names(await listBy(world, "displayName in ('vault-two','existing-application')")), [
    'existing-application',
    'vault-two',
  ]);
  t.deepEqual(names(await listBy(world, "displayName eq 'nobody'")), []);
});

test('list: what needs an advanced query is refused without its header and count', async (t) => {
  const world = await startEmulatorWorld(t);
  const plain = await listBy(world, "displayName ne 'x'");
  t.is(plain.status, 400);
  t.is(plain.body.error.code, 'Request_UnsupportedQuery');
  const advanced = await listBy(world, "displayName ne 'vault-operator'", '&$count=true', {
    consistencylevel: 'eventual',
  });
  t.deepEqual(names(advanced), ['existing-application']);
  t.is(advanced.body['@odata.count'], 1);
  const search = async (filter: string): Promise<string[]> =>
    names(await listBy(world, filter, '&$count=true', { consistencylevel: 'eventual' }));
  t.deepEqual(await search("endswith(displayName,'OPERATOR')"), ['vault-operator']);
  t.deepEqual(await search("not startswith(displayName,'vault')"), ['existing-application']);
  t.deepEqual(await search("displayName eq 'x' or not (displayName ne 'vault-operator')"), ['vault-operator']);
  const createdAt = advanced.body.value[0].createdDateTime;
  t.is((await search(`createdDateTime ge ${String(createdAt)} and createdDateTime le ${String(createdAt)}`)).length, 2);
  t.deepEqual(await search(`createdDateTime gt ${String(createdAt)} or createdDateTime lt 2001-01-01T00:00:00Z`), []);
  const inside = "requiredResourceAccess/any(r:r/resourceAppId eq 'none')";
  t.deepEqual(await search(inside), []);
  t.is((await listBy(world, "passwordCredentials/any(p:p/displayName eq 'initial')")).status, 400);
  const hidden = await listBy(world, "notes eq 'x'");
  t.is(hidden.body.error.code, 'Request_UnsupportedQuery');
});

test('list: pages of the asked size until no link is left; a removal between them hides nothing', async (t) => {
  const { graph, tunnel, getToken } = await startEmulatorWorld(t);
  const made: string[] = [];
  for (let count = 0; count < 7; count += 1) {
    made.push(
      (await graph('POST', '/applications', { body: { displayName: `page-${count}`, tags: ['page'] } })).body.id,
    );
  }
  const authorization = `Bearer ${await getToken('graph')}`;
  const found: string[] = [];
  let url: string | undefined =
    "https://graph.microsoft.com/v1.0/applications?$top=2&$select=id,displayName&$filter=tags/any(t:t%20eq%20'page')";
  let pages = 0;
  while (url !== undefined) {
    const { body } = await tunnel.call(url, { headers: { authorization } });
    t.true(body.value.length <= 2);
    found.push(...body.value.map(({ id }: { id: string }) => id));
    if (pages === 0) await graph('DELETE', `/applications/${found[0]!}`);
    pages += 1;
    url = body['@odata.nextLink'];
  }
  t.is(pages, 4);
  t.deepEqual(found.sort(), made.sort());
  t.is((await graph('GET', '/applications?$top=1000')).status, 400);
});

test('npm SDKs: Graph cuts an unescaped filter, ARM escapes its own', async (t) => {
  const world = await startEmulatorWorld(t);
  const { emulator, tunnel } = world;
  await world.graph('POST', '/applications', { body: { displayName: AWKWARD } });
  const options = { httpClient: tunnel.httpClient };
  const credential = new ClientSecretCredential(emulator.tenantId, emulator.clientId, emulator.clientSecret, options);
  const graph = tunnel.graphClient(
    async () => (await credential.getToken('https://graph.microsoft.com/.default')).token,
  );
  const filter = `displayName eq ${quoteLiteral(AWKWARD)}`;
  await t.throwsAsync(graph.api('/applications').filter(filter).get());
  const found = await graph.api('/applications').filter(encodeURIComponent(filter)).get();
  t.deepEqual(names({ body: found }), [AWKWARD]);

  const scope = `/subscriptions/${emulator.subscriptionId}`;
  const name = 'c0ffee00-0000-4000-8000-000000000001';
  const put = await world.arm('PUT', `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`, {
    body: { properties: { roleName: AWKWARD, assignableScopes: [scope], permissions: [{ actions: ['*/read'] }] } },
  });
  t.is(put.status, 201);
  const arm = new AuthorizationManagementClient(credential, emulator.subscriptionId, options);
  const ids = [];
  for await (const { name: id } of arm.roleDefinitions.list(scope, {
    filter: `roleName eq ${quoteLiteral(AWKWARD)}`,
  })) {
    ids.push(id);
  }
  t.deepEqual(ids, [name]);
});
