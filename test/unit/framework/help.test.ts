import test from 'ava';
import { createFrameworkBackend, type BackendSpec } from '../../../src/framework/backend.ts';
import { field } from '../../../src/framework/field-schema.ts';
import { definePath, genericNameRegex } from '../../../src/framework/path.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';
import { FakeSystemView } from '../../helpers/fake-system-view.ts';
import { makeRequest } from '../../helpers/requests.ts';
import { TestLogger } from '../../helpers/test-logger.ts';

const roles = definePath({
  pattern: `roles/${genericNameRegex('name')}`,
  fields: {
    name: field.lowerCaseString({ description: 'Name of the role.' }),
    ttl: field.durationSecond({ description: '  Lease.\nIn seconds. ' }),
    old: field.string({ description: 'Former name.', isDeprecated: true }),
    bare: field.commaStringSlice({ description: '' }),
  },
  synopsis: ' Manage roles. ',
  description: 'Roles say what\ncredentials may do.\n',
  operations: { read: { summary: 'Read a role', handler: async () => undefined } },
});
const blank = definePath({ pattern: 'config', fields: {}, synopsis: '', description: '', operations: {} });

function makeBackend(overrides: Partial<BackendSpec> = {}): ReturnType<typeof createFrameworkBackend> {
  const spec = { help: '\nAn engine.\n', paths: [roles, blank], ...overrides };
  return createFrameworkBackend(spec, { clock: new FakeClock(), logger: new TestLogger() });
}

/** As the host's own framework prints it. */
const rolesHelp = `Request:        roles/app
Matching Route: ^roles/(?P<name>\\w(([\\w-.]+)?\\w)?)$

Manage roles.

## PARAMETERS

    bare (slice)

        <no description>

    name (lowercase string)

        Name of the role.

    old (string)

        (DEPRECATED) Former name.

    ttl (duration (sec))

        Lease.
        In seconds.

## DESCRIPTION

Roles say what
credentials may do.`;

test("path help: every part, in the host's own form", async (t) => {
  const response = await makeBackend().handleRequest(makeRequest({ operation: 'help', path: 'roles/app' }));
  t.is(response?.data?.['help'], rolesHelp);
  t.is(response?.data?.['see_also'], null);
  t.deepEqual(Object.keys(response?.data ?? {}), ['help', 'see_also', 'openapi']);
});

test('path help: nothing written: placeholders, no list of parameters', async (t) => {
  const response = await makeBackend().handleRequest(makeRequest({ operation: 'help', path: 'config' }));
  t.is(
    response?.data?.['help'],
    'Request:        config\nMatching Route: ^config$\n\n<no synopsis>\n\n## DESCRIPTION\n\n<no description>',
  );
});

test('path help: a field that does not fit: helped all the same', async (t) => {
  const request = makeRequest({ operation: 'help', path: 'roles/app', data: { ttl: 'soon' } });
  const response = await makeBackend().handleRequest(request);
  t.is(response?.data?.['help'], rolesHelp);
});

test('root help: engine, then every path by pattern', async (t) => {
  const response = await makeBackend().handleRequest(makeRequest({ operation: 'help' }));
  const help = response?.data?.['help'] as string;
  t.true(help.startsWith('## DESCRIPTION\n\nAn engine.\n\n## PATHS\n\n'));
  t.true(
    help.endsWith('\n\n    ^config$\n\n\n    ^roles/(?P<name>\\w(([\\w-.]+)?\\w)?)$\n        Manage roles.'),
    help,
  );
});

test('root help: mount type from the host: starts operation ids; any other type of value: ignored', async (t) => {
  const ids = async (requestResponsePrefix: string | number): Promise<string> => {
    const request = makeRequest({ operation: 'help', data: { requestResponsePrefix } });
    return JSON.stringify((await makeBackend().handleRequest(request))?.data);
  };
  t.true((await ids('azure')).includes('"operationId":"azure-read-roles-name"'));
  t.true((await ids(5)).includes('"operationId":"read-roles-name"'));
});

test('help: host does not tell its version, or a document cannot be made: helped all the same', async (t) => {
  const systemView = new FakeSystemView();
  systemView.failure = new Error('missing system view implementation');
  const response = await makeBackend().handleRequest(makeRequest({ operation: 'help', systemView }));
  t.like(response?.data?.['openapi'], { info: { version: 'unknown' } });

  const broken = { ...blank, operations: new Map([['read', null]]) } as unknown as typeof blank;
  const withoutDocument = await makeBackend({ paths: [broken] }).handleRequest(makeRequest({ operation: 'help' }));
  t.deepEqual(Object.keys(withoutDocument?.data ?? {}), ['help', 'see_also']);
});
