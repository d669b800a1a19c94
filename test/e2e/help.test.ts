/** The engine's help as a real host hands it out: to people, to programs, and in the API document of the whole server. */
import test from 'ava';
import { findTool } from '../host/find-tool.ts';
import { GO_PLUGIN } from '../host/host-tools.ts';
import { enableMount, mountPlugin, readPluginFile } from '../host/register-plugin.ts';
import { PLUGIN, serveAzureHost } from './_azure-host.ts';

const azure = serveAzureHost(test);

/** Every path with a request that it matches, and the fields that its help must describe. */
const PATHS: readonly (readonly [pattern: string, example: string, fields: readonly string[]])[] = [
  [
    '^config$',
    'config',
    ['subscription_id', 'tenant_id', 'client_id', 'client_secret', 'environment', 'root_password_ttl'],
  ],
  [String.raw`^creds/(?P<role>\w(([\w-.]+)?\w)?)$`, 'creds/my-role', ['role']],
  [
    String.raw`^roles/(?P<name>\w(([\w-.]+)?\w)?)$`,
    'roles/my-role',
    [
      ...['name', 'application_object_id', 'azure_roles', 'azure_groups', 'sign_in_audience', 'tags'],
      ...['ttl', 'max_ttl', 'explicit_max_ttl', 'permanently_delete', 'persist_app'],
    ],
  ],
  ['^roles/?$', 'roles', []],
  [String.raw`^rotate-role/(?P<name>\w(([\w-.]+)?\w)?)$`, 'rotate-role/my-role', ['name']],
  ['^rotate-root$', 'rotate-root', []],
  [String.raw`^static-creds/(?P<name>\w(([\w-.]+)?\w)?)$`, 'static-creds/my-role', ['name', 'metadata']],
  [String.raw`^static-creds/(?P<name>\w(([\w-.]+)?\w)?)/token$`, 'static-creds/my-role/token', ['name', 'scope']],
  [
    String.raw`^static-roles/(?P<name>\w(([\w-.]+)?\w)?)$`,
    'static-roles/my-role',
    [
      ...['name', 'application_object_id', 'rotation_period', 'ttl', 'metadata', 'defer_initial_creds'],
      ...['skip_import_rotation', 'secret_id', 'client_secret', 'expiration', 'seamless_rotation'],
      ...['rotation_grace_period', 'keep_secret'],
    ],
  ],
  [
    String.raw`^static-roles/(?P<name>\w(([\w-.]+)?\w)?)/import$`,
    'static-roles/my-role/import',
    ['name', 'application_object_id', 'secret_id', 'client_secret', 'skip_import_rotation'],
  ],
  ['^static-roles/?$', 'static-roles', []],
];

test('path-help: the mount lists its paths, each path describes its fields', async (t) => {
  const { host } = azure();
  await enableMount(host, { path: 'helpful', plugin: PLUGIN });
  const root = await host.cli(['path-help', 'helpful']);
  t.deepEqual([root.code, root.stderr], [0, '']);
  t.deepEqual(
    root.stdout.split('\n').flatMap((line) => /^ {4}(\^.*\$)$/.exec(line)?.[1] ?? []),
    PATHS.map(([pattern]) => pattern),
  );
  for (const [pattern, example, fields] of PATHS) {
    const help = await host.cli(['path-help', `helpful/${example}`]);
    t.deepEqual([help.code, help.stderr], [0, ''], example);
    t.true(help.stdout.includes(`Matching Route: ${pattern}\n`), help.stdout);
    for (const field of fields) t.regex(help.stdout, new RegExp(`^ {4}${field} \\(.+\\)$`, 'm'), example);
  }
  const none = await host.cli(['path-help', 'helpful/nothing/here']);
  t.is(none.code, 2);
  t.regex(none.stderr, /unsupported path/);
});

test('path-help -format=json: an OpenAPI document of the mount, and of each path', async (t) => {
  const { host } = azure();
  await enableMount(host, { path: 'documented', plugin: PLUGIN });
  const readDocument = async (path: string) => {
    const result = await host.cli(['path-help', '-format=json', path]);
    t.deepEqual([result.code, result.stderr], [0, ''], path);
    const document = JSON.parse(result.stdout);
    t.is(document.openapi, '3.0.2');
    return document;
  };
  t.deepEqual(Object.keys((await readDocument('documented')).paths).sort(), [
    '/config',
    '/creds/{role}',
    '/roles/',
    '/roles/{name}',
    '/rotate-role/{name}',
    '/rotate-root',
    '/static-creds/{name}',
    '/static-creds/{name}/token',
    '/static-roles/',
    '/static-roles/{name}',
    '/static-roles/{name}/import',
  ]);
  for (const [, example] of PATHS) t.is(Object.keys((await readDocument(`documented/${example}`)).paths).length, 1);
});

/** Path, method, operation id, of every operation below a mount. */
function listOperations(document: { paths: Record<string, Record<string, { operationId?: string }>> }, mount: string) {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(`/${mount}/`))
    .flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { operationId }]) =>
        operationId === undefined ? [] : [`${method} ${path.slice(mount.length + 1)} ${operationId}`],
      ),
    )
    .sort();
}

test('openapi of the server: decodes, resolves, and has the official plugin’s paths and operation ids', async (t) => {
  const { host } = azure();
  await enableMount(host, { path: 'ours', plugin: PLUGIN });
  await mountPlugin(host, await readPluginFile(await findTool(GO_PLUGIN)), { name: 'official' });
  const document = await host.api('GET', 'sys/internal/specs/openapi');
  const all = listOperations(document, 'ours');
  const operations = all.filter((operation) => !/ \/(?:static-|rotate-role)/.test(operation));
  t.deepEqual(operations, [
    'delete /config azure-delete-configuration',
    'delete /roles/{name} azure-delete-role',
    'get /config azure-read-configuration',
    'get /creds/{role} azure-request-service-principal-credentials',
    'get /roles/ azure-list-roles',
    'get /roles/{name} azure-read-role',
    'post /config azure-configure',
    'post /roles/{name} azure-write-role',
    'post /rotate-root azure-rotate-root',
  ]);
  t.deepEqual(operations, listOperations(document, 'official'));
  t.deepEqual(
    all.filter((operation) => !operations.includes(operation)),
    [
      'delete /static-roles/{name} azure-delete-static-role',
      'get /static-creds/{name} azure-read-static-role-credentials',
      'get /static-roles/ azure-list-static-roles',
      'get /static-roles/{name} azure-read-static-role',
      'post /rotate-role/{name} azure-rotate-static-role',
      'post /static-creds/{name}/token azure-generate-static-role-token',
      'post /static-roles/{name} azure-write-static-role',
      'post /static-roles/{name}/import azure-import-static-role',
    ],
  );
  for (const name of ['AzureConfigureRequest', 'AzureWriteRoleRequest', 'AzureRotateRootRequest']) {
    t.is(document.components.schemas[name].type, 'object', name);
  }
  // Both plugins have a schema of that name, and the server shows either; metadata is ours only.
  const fields = Object.keys(document.components.schemas.AzureWriteRoleRequest.properties);
  t.deepEqual(fields.filter((name) => name !== 'metadata').sort(), [
    ...['application_object_id', 'azure_groups', 'azure_roles', 'explicit_max_ttl', 'max_ttl', 'permanently_delete'],
    ...['persist_app', 'sign_in_audience', 'tags', 'ttl'],
  ]);
  const generic = await host.api('GET', 'sys/internal/specs/openapi?generic_mount_paths=true');
  t.true('/{ours_mount_path}/creds/{role}' in generic.paths);
});
