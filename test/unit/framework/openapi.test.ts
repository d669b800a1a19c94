/**
 * The document must survive the host's strict decoder: `checkDocument` is that decoder's rules, written out. The tables
 * below are what the host's own framework makes of the same paths.
 */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { field, type FieldTable } from '../../../src/framework/field-schema.ts';
import { createOpenApiDocument } from '../../../src/framework/openapi.ts';
import { UniqueNames, makeOperationId, titleCase } from '../../../src/framework/openapi-names.ts';
import {
  definePath,
  genericNameRegex,
  matchAllRegex,
  optionalParamRegex,
  type OperationSpec,
  type Path,
  type PathSpec,
} from '../../../src/framework/path.ts';
import { isSpecialPath } from '../../../src/framework/special-paths.ts';
import type { JsonObject, JsonValue } from '../../../src/util/json.ts';

const context = { hostVersion: '1.21.0', operationPrefix: 'azure', rootPaths: [], unauthenticatedPaths: [] };

function operation(overrides: Partial<OperationSpec<FieldTable>> = {}): OperationSpec<FieldTable> {
  return { summary: 'Do it', handler: async () => undefined, ...overrides };
}

function makePath(spec: Pick<PathSpec<FieldTable>, 'pattern'> & Partial<PathSpec<FieldTable>>): Path {
  return definePath({
    fields: {},
    synopsis: 'A path',
    description: '',
    existenceCheck: async () => true,
    operations: {},
    ...spec,
  });
}

type Shape = (t: ExecutionContext, value: JsonValue, place: string) => void;

const isText: Shape = (t, value, place) => void t.is(typeof value, 'string', place);
const isFlag: Shape = (t, value, place) => void t.is(typeof value, 'boolean', place);
const isAny: Shape = () => undefined;
const isListOf =
  (shape: Shape): Shape =>
  (t, value, place) => {
    if (!Array.isArray(value)) return void t.fail(`${place}: no list`);
    value.forEach((element: JsonValue, index) => shape(t, element, `${place}[${index}]`));
  };
const isMapOf =
  (shape: Shape, keyPattern = /./): Shape =>
  (t, value, place) => {
    for (const [key, element] of Object.entries(asObject(t, value, place))) {
      t.regex(key, keyPattern, place);
      shape(t, element, `${place}/${key}`);
    }
  };
const isObject =
  (members: () => Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape =>
  (t, value, place) => {
    const object = asObject(t, value, place);
    for (const name of required) t.true(Object.hasOwn(object, name), `${place}: ${name} is missing`);
    for (const [name, element] of Object.entries(object)) {
      const shape = members()[name];
      if (shape === undefined) t.fail(`${place}: ${name} is unknown to the host`);
      else shape(t, element, `${place}/${name}`);
    }
  };

function asObject(t: ExecutionContext, value: JsonValue, place: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  return t.fail(`${place}: no object`);
}

const isDisplayAttributes = isObject(() => ({
  name: isText,
  description: isText,
  value: isAny,
  sensitive: isFlag,
  navigation: isFlag,
  itemType: isText,
  group: isText,
  action: isText,
  editType: isText,
  identifier: isFlag,
}));
const isSchema: Shape = isObject(() => ({
  $ref: isText,
  ref: isText,
  type: isText,
  description: isText,
  properties: isMapOf(isSchema),
  additionalProperties: isAny,
  required: isListOf(isText),
  items: isSchema,
  format: isText,
  pattern: isText,
  enum: isListOf(isAny),
  default: isAny,
  example: isAny,
  deprecated: isFlag,
  'x-vault-displayAttrs': isDisplayAttributes,
}));
const isContent = isMapOf(isObject(() => ({ schema: isSchema })));
const isParameter = isObject(
  () => ({ name: isText, description: isText, in: isText, schema: isSchema, required: isFlag, deprecated: isFlag }),
  ['name', 'in', 'schema'],
);
const isOperation = isObject(
  () => ({
    summary: isText,
    description: isText,
    operationId: isText,
    tags: isListOf(isText),
    parameters: isListOf(isParameter),
    requestBody: isObject(() => ({ description: isText, required: isFlag, content: isContent }), ['content']),
    responses: isMapOf(
      isObject(() => ({ description: isText, content: isContent }), ['description']),
      /^[1-5]\d\d$/,
    ),
    deprecated: isFlag,
  }),
  ['operationId', 'responses', 'tags'],
);
const isPathItem = isObject(() => ({
  description: isText,
  parameters: isListOf(isParameter),
  'x-vault-sudo': isFlag,
  'x-vault-unauthenticated': isFlag,
  'x-vault-createSupported': isFlag,
  'x-vault-displayAttrs': isDisplayAttributes,
  get: isOperation,
  post: isOperation,
  patch: isOperation,
  delete: isOperation,
}));
const isDocument = isObject(
  () => ({
    openapi: isText,
    info: isObject(
      () => ({
        title: isText,
        description: isText,
        version: isText,
        license: isObject(() => ({ name: isText, url: isText }), ['name', 'url']),
      }),
      ['title', 'version'],
    ),
    paths: isMapOf(isPathItem, /^\//),
    components: isObject(() => ({ schemas: isMapOf(isSchema, /^[\w.-]+$/) }), ['schemas']),
  }),
  ['openapi', 'info', 'paths', 'components'],
);

/** Every member of that name, wherever it is, outside of examples. */
function collect(value: JsonValue, name: string): JsonValue[] {
  if (Array.isArray(value)) return value.flatMap((element: JsonValue) => collect(element, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as JsonObject).flatMap(([key, element]) =>
    key === 'example' ? [] : [...(key === name ? [element] : []), ...collect(element, name)],
  );
}

function checkDocument(t: ExecutionContext, document: JsonObject): void {
  isDocument(t, document, '');
  const operationIds = collect(document, 'operationId');
  t.is(new Set(operationIds).size, operationIds.length, `operation ids repeat: ${JSON.stringify(operationIds)}`);
  t.deepEqual(collect(document, 'ref'), collect(document, '$ref'));
  for (const reference of collect(document, '$ref')) {
    const name = (reference as string).replace('#/components/schemas/', '');
    t.true(Object.hasOwn(pick(document, 'components', 'schemas') as JsonObject, name), `${name} is not there`);
  }
  for (const [path, item] of Object.entries(document['paths'] as Record<string, JsonObject>)) {
    const parameters = (item['parameters'] ?? []) as readonly JsonObject[];
    const inPath = parameters.filter((parameter) => parameter['in'] === 'path').map((parameter) => parameter['name']);
    const hasOperations = ['get', 'post', 'patch', 'delete'].some((method) => method in item);
    if (hasOperations) {
      t.deepEqual([...inPath].sort(), [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort(), path);
    }
    for (const parameter of parameters) t.true(parameter['required']);
  }
}

const everyKind = Object.fromEntries(
  Object.entries(field).map(([kind, make]) => [kind, make({ description: `A ${kind}.` })]),
) as FieldTable;

function pick(document: JsonObject, ...keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const key of keys) value = (value as JsonObject | undefined)?.[key];
  return value;
}

test("config: create and update: one POST with update's words, a schema by name", (t) => {
  const document = createOpenApiDocument(
    [
      makePath({
        pattern: 'config',
        fields: {
          tenant_id: field.string({ description: ' The  tenant.\nA GUID.', displayName: 'Tenant ID', example: 'x' }),
          client_secret: field.string({ description: '', isSensitive: true, isRequired: true }),
          ttl: field.durationSecond({ description: 'Lease.', default: 0, isDeprecated: true }),
          mode: field.string({ description: '', allowedValues: ['a', 'b'], default: '' }),
        },
        synopsis: 'Configure\n  the engine',
        displayAttributes: { operationPrefix: 'azure', itemType: 'config', navigation: false },
        operations: {
          create: operation({ summary: 'create' }),
          update: operation({
            summary: 'update',
            description: 'Long.',
            operationVerb: 'configure',
            example: { ttl: 5 },
            responses: [{ status: 204, description: 'stored' }],
          }),
          read: operation({ operationSuffix: 'configuration' }),
          delete: operation({ operationSuffix: 'configuration', isDeprecated: true }),
        },
      }),
    ],
    { ...context, rootPaths: ['config'] },
  );
  checkDocument(t, document);
  t.deepEqual(pick(document, 'paths'), {
    '/config': {
      description: 'Configure the engine',
      'x-vault-sudo': true,
      'x-vault-createSupported': true,
      'x-vault-displayAttrs': { itemType: 'config' },
      get: {
        summary: 'Do it',
        operationId: 'azure-read-configuration',
        tags: ['secrets'],
        responses: { '200': { description: 'OK' } },
      },
      post: {
        summary: 'update',
        description: 'Long.',
        operationId: 'azure-configure',
        tags: ['secrets'],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                $ref: '#/components/schemas/AzureConfigureRequest',
                ref: '#/components/schemas/AzureConfigureRequest',
              },
            },
          },
        },
        responses: { '204': { description: 'stored' } },
      },
      delete: {
        summary: 'Do it',
        operationId: 'azure-delete-configuration',
        tags: ['secrets'],
        responses: { '204': { description: 'empty body' } },
        deprecated: true,
      },
    },
  });
  t.deepEqual(pick(document, 'components', 'schemas'), {
    AzureConfigureRequest: {
      type: 'object',
      properties: {
        client_secret: { type: 'string', 'x-vault-displayAttrs': { sensitive: true } },
        mode: { type: 'string', enum: ['a', 'b'], default: '' },
        tenant_id: {
          type: 'string',
          description: 'The tenant. A GUID.',
          example: 'x',
          'x-vault-displayAttrs': { name: 'Tenant ID' },
        },
        ttl: { type: 'string', description: 'Lease.', format: 'duration', default: 0, deprecated: true },
      },
      required: ['client_secret'],
      example: { ttl: 5 },
    },
  });
});

test('roles: list beside them, query parameters, responses with fields', (t) => {
  const name = field.string({ description: 'Role.' });
  const document = createOpenApiDocument(
    [
      makePath({
        pattern: `roles/${genericNameRegex('name')}`,
        fields: { name, verbose: field.bool({ description: 'More.', isQuery: true, default: false }) },
        operations: {
          read: operation({
            responses: [
              {
                status: 200,
                description: 'a role',
                fields: { ttl: field.int({ description: '' }) },
                example: { ttl: 1 },
              },
              { status: 404, description: 'none', fields: { errors: field.stringSlice({ description: '' }) } },
              { status: 202, description: 'later', example: { at: 1 } },
            ],
          }),
        },
      }),
      makePath({
        pattern: 'roles/?',
        fields: {
          after: field.string({ description: '', isQuery: true }),
          zone: field.int({ description: '', isQuery: true }),
        },
        operations: { list: operation() },
      }),
    ],
    context,
  );
  checkDocument(t, document);
  t.deepEqual(Object.keys(pick(document, 'paths') as JsonObject), ['/roles/{name}', '/roles/']);
  t.deepEqual(pick(document, 'paths', '/roles/{name}', 'parameters'), [
    { name: 'name', description: 'Role.', in: 'path', schema: { type: 'string' }, required: true },
  ]);
  t.deepEqual(pick(document, 'paths', '/roles/{name}', 'get', 'parameters'), [
    { name: 'verbose', description: 'More.', in: 'query', schema: { type: 'boolean', default: false } },
  ]);
  const reference = (schema: string): JsonObject => ({
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${schema}`, ref: `#/components/schemas/${schema}` },
      },
    },
  });
  t.deepEqual(pick(document, 'paths', '/roles/{name}', 'get', 'responses'), {
    '200': { description: 'a role', ...reference('AzureReadRolesNameResponse') },
    '202': {
      description: 'later',
      content: { 'application/json': { schema: { example: { data: { at: 1 } } } } },
    },
    '404': { description: 'none', ...reference('AzureReadRolesNameResponse404') },
  });
  const list = pick(document, 'paths', '/roles/', 'get') as JsonObject;
  t.deepEqual(
    (list['parameters'] as readonly JsonObject[]).map((parameter) => parameter['name']),
    ['after', 'list', 'zone'],
  );
  t.deepEqual(list['responses'], { '200': { description: 'OK', ...reference('StandardListResponse') } });
  t.deepEqual(pick(document, 'components', 'schemas', 'StandardListResponse'), {
    type: 'object',
    properties: { keys: { type: 'array', items: { type: 'string' } } },
  });
});

test('every type of field: a type that generators know', (t) => {
  const document = createOpenApiDocument(
    [makePath({ pattern: 'all', fields: everyKind, operations: { update: operation() } })],
    context,
  );
  checkDocument(t, document);
  const properties = pick(document, 'components', 'schemas', 'AzureWriteAllRequest', 'properties') as JsonObject;
  const types = Object.entries(properties).map(([name, schema]) => {
    const { type, format, items, pattern } = schema as Readonly<Record<string, string>> & { items?: { type: string } };
    return [name, [type, format, items?.type, pattern].filter(Boolean).join(' ')];
  });
  t.deepEqual(Object.fromEntries(types), {
    string: 'string',
    lowerCaseString: 'string lowercase',
    nameString: 'string \\w([\\w-.]*\\w)?',
    int: 'integer',
    int64: 'integer int64',
    float: 'number float',
    bool: 'boolean',
    map: 'object map',
    keyValuePairs: 'object kvpairs',
    durationSecond: 'string duration',
    signedDurationSecond: 'string duration',
    slice: 'array object',
    stringSlice: 'array string',
    commaStringSlice: 'array string',
    commaIntSlice: 'array integer',
    header: 'string',
    time: 'string date-time',
    jsonText: 'string',
  });
});

test('fields of objects: their members are described, in bodies, queries and answers', (t) => {
  const elements = {
    role_name: field.string({ description: 'Name.', isRequired: true }),
    count: field.int({ description: '' }),
  };
  const fields = {
    roles: field.slice({ description: '', elements }),
    labels: field.keyValuePairs({ description: '' }),
    query: field.keyValuePairs({ description: '', isQuery: true }),
  };
  const read = operation({ responses: [{ status: 200, description: 'OK', fields }] });
  const document = createOpenApiDocument(
    [makePath({ pattern: 'all', fields, operations: { update: operation(), read } })],
    context,
  );
  checkDocument(t, document);
  const expected = {
    labels: { type: 'object', format: 'kvpairs', additionalProperties: { type: 'string' } },
    roles: {
      type: 'array',
      items: {
        type: 'object',
        properties: { role_name: { type: 'string', description: 'Name.' }, count: { type: 'integer' } },
        required: ['role_name'],
      },
    },
  };
  t.like(pick(document, 'components', 'schemas', 'AzureWriteAllRequest', 'properties'), expected);
  t.like(pick(document, 'components', 'schemas', 'AzureReadAllResponse', 'properties'), expected);
  const [query] = pick(document, 'paths', '/all', 'get', 'parameters') as readonly JsonObject[];
  t.deepEqual(query?.['schema'], { type: 'object', additionalProperties: { type: 'string' } });
});

test('odd paths: optional parts, arbitrary input, no literal form, unpublished, trailing slash', (t) => {
  const text = field.string({ description: '' });
  const document = createOpenApiDocument(
    [
      makePath({
        pattern: `x${optionalParamRegex('rest')}`,
        fields: { rest: text, body: text },
        takesArbitraryInput: true,
        operations: { update: operation() },
      }),
      makePath({
        pattern: `arbitrary/${matchAllRegex('rest')}`,
        fields: { rest: text },
        takesArbitraryInput: true,
        operations: { update: operation(), patch: operation() },
      }),
      makePath({ pattern: 'empty', operations: { update: operation() } }),
      makePath({ pattern: 'hidden', operations: { read: operation({ isUnpublished: true }) } }),
      makePath({ pattern: 'folder/', operations: { read: operation(), list: operation() } }),
      makePath({ pattern: 'internal', operations: { rotate: operation(), header: operation() } }),
      makePath({ pattern: 'empty', synopsis: 'Never reached', operations: { read: operation() } }),
      makePath({ pattern: '.*', synopsis: 'Anything', operations: { read: operation() } }),
    ],
    { ...context, unauthenticatedPaths: ['x/+'] },
  );
  checkDocument(t, document);
  const paths = pick(document, 'paths') as Record<string, JsonObject>;
  t.deepEqual(Object.keys(paths), [
    '/x',
    '/x/{rest}',
    '/arbitrary/{rest}',
    '/empty',
    '/hidden',
    '/folder/',
    '/internal',
    '/^.*$',
  ]);
  t.is(pick(document, 'components', 'schemas', 'AzureWriteXRequest', 'additionalProperties'), true);
  t.true(paths['/x/{rest}']?.['x-vault-unauthenticated']);
  t.deepEqual(pick(document, 'paths', '/arbitrary/{rest}', 'post', 'requestBody'), {
    required: true,
    content: { 'application/json': { schema: { type: 'object', properties: {}, additionalProperties: true } } },
  });
  t.is(pick(document, 'paths', '/empty', 'post', 'requestBody'), undefined);
  t.deepEqual(paths['/hidden'], { description: 'A path' });
  t.deepEqual(paths['/internal'], { description: 'A path' });
  t.deepEqual(paths['/^.*$'], { description: 'Anything' });
  t.is(pick(document, 'paths', '/folder/', 'get', 'operationId'), 'azure-list-folder');
});

test('operation ids: parts from operation, path, mount and words of the path, in that order', (t) => {
  const id = (
    path: string,
    pathIndex: number,
    name: string,
    own: Pick<OperationSpec<FieldTable>, 'operationPrefix' | 'operationVerb' | 'operationSuffix'>,
    ofPath?: Pick<OperationSpec<FieldTable>, 'operationPrefix' | 'operationVerb' | 'operationSuffix'>,
  ): string =>
    makeOperationId({ path, pathIndex, operation: name, defaultPrefix: 'azure' }, { summary: '', ...own }, ofPath);
  t.is(id('roles/{name}', 0, 'update', {}), 'azure-write-roles-name');
  t.is(id('roles/{name}', 0, 'read', { operationSuffix: 'Role' }), 'azure-read-role');
  t.is(id('roles/{name}', 0, 'read', { operationVerb: 'show' }), 'show');
  t.is(
    id('roles/{name}', 0, 'read', { operationVerb: 'show' }, { operationPrefix: 'p', operationSuffix: 's' }),
    'p-show-s',
  );
  t.is(id('a', 0, 'read', {}, { operationPrefix: 'p', operationSuffix: 'one|two' }), 'p-read-one');
  t.is(id('a/b', 1, 'read', {}, { operationPrefix: 'p', operationSuffix: 'one|two' }), 'p-read-two');
  t.is(id('a/c', 2, 'read', { operationVerb: 'v' }, { operationPrefix: 'p', operationSuffix: 'one|two' }), 'p-v-a-c');
  t.is(id('a/c', 1, 'read', { operationVerb: 'v' }, { operationPrefix: 'p', operationSuffix: 'one' }), 'p-v-a-c');
  t.is(titleCase('azure-write-role'), 'AzureWriteRole');
  t.is(titleCase('a|b-write c'), 'ABWriteC');
  const names = new UniqueNames();
  t.deepEqual(
    ['a', 'a', 'b', 'a'].map((each) => names.claim(each)),
    ['a', 'a-2', 'b', 'a-3'],
  );
});

test('special paths: exact, prefix, one segment', (t) => {
  const table: readonly (readonly [path: string, special: string, isSpecial: boolean])[] = [
    ['config', 'config', true],
    ['config/x', 'config', false],
    ['roles/a', 'roles/*', true],
    ['roles', 'roles/*', false],
    ['rolesx', 'roles*', true],
    ['a/b/dd', 'a/+/dd', true],
    ['a/b/c/dd', 'a/+/dd', false],
    ['a/b', 'a/+/dd', false],
    ['a/b/ddx/y', 'a/+/dd*', true],
    ['a/b/c', '+/b/*', true],
    ['a/{name}/dd', 'a/+/dd', true],
    ['a', '+', true],
  ];
  for (const [path, special, isSpecial] of table) t.is(isSpecialPath(path, [special]), isSpecial, `${path} ${special}`);
});

test('any table: a document that the host can decode, operation ids distinct', (t) => {
  const patterns = fc
    .array(
      fc.constantFrom(
        'config',
        'roles',
        'a',
        '/',
        '/?',
        '(x|y)',
        '(/z)?',
        genericNameRegex('name'),
        '(?P<rest>.*)',
        '.+',
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => parts.join(''))
    .filter((pattern) => pattern.split('?P<name>').length < 3 && pattern.split('?P<rest>').length < 3);
  const operations = fc.subarray(['create', 'read', 'update', 'delete', 'list', 'patch'] as const);
  const words = fc.constantFrom(undefined, '', 'role', 'a|b', 'Azure');
  const table = fc.array(
    fc.record({ pattern: patterns, operations, verb: words, suffix: words, isArbitrary: fc.boolean() }),
    { maxLength: 6 },
  );
  const extras = field.map({ description: 'Extra.', isQuery: true, example: { required: 5 } });
  fc.assert(
    fc.property(table, fc.constantFrom('', 'azure'), (rows, operationPrefix) => {
      const paths = rows.map((row) => {
        const hints = {
          ...(row.verb === undefined ? {} : { operationVerb: row.verb }),
          ...(row.suffix === undefined ? {} : { operationSuffix: row.suffix }),
        };
        return makePath({
          pattern: row.pattern,
          fields: { ...everyKind, name: everyKind['string'] ?? extras, rest: extras, extras },
          takesArbitraryInput: row.isArbitrary,
          operations: Object.fromEntries(row.operations.map((name) => [name, operation(hints)])),
        });
      });
      checkDocument(t, createOpenApiDocument(paths, { ...context, operationPrefix }));
    }),
    { seed: 20260101, numRuns: 150 },
  );
});
