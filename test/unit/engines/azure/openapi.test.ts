/** What generators of clients get to see of the Azure engine. */
import test from 'ava';
import { Validator } from '@seriousme/openapi-schema-validator';
import { azurePaths } from '../../../../src/engines/azure/backend.ts';
import { AzureMount } from '../../../../src/engines/azure/mount.ts';
import { createSecretTypes } from '../../../../src/engines/azure/path-creds.ts';
import { TokenFiles } from '../../../../src/engines/azure/token-files.ts';
import { createOpenApiDocument } from '../../../../src/framework/openapi.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../src/util/json.ts';
import { systemSmallFiles } from '../../../../src/util/small-file.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';
import { FakeRandom } from '../../../helpers/fake-random.ts';
import { FakeSystemView } from '../../../helpers/fake-system-view.ts';
import { NO_ENVIRONMENT } from '../../../helpers/no-environment.ts';
import { MemoryStorage } from '../../../helpers/memory-storage.ts';
import { TestLogger } from '../../../helpers/test-logger.ts';

const mount = new AzureMount(
  {
    storage: new MemoryStorage(),
    systemView: new FakeSystemView(),
    logger: new TestLogger(),
    clock: new FakeClock(),
    random: new FakeRandom(),
    config: new Map(),
    backendUuid: '',
  },
  {
    environment: NO_ENVIRONMENT,
    tokenFiles: new TokenFiles({ allowedFolders: [], files: systemSmallFiles }),
    createProvider: () => {
      throw new Error('the tables need no Azure');
    },
  },
);
const paths = azurePaths(mount, createSecretTypes(mount));
const document = createOpenApiDocument(paths, {
  hostVersion: '1.21.0',
  operationPrefix: 'azure',
  rootPaths: [],
  unauthenticatedPaths: [],
});

function objectAt(value: JsonValue | undefined, name: string): JsonObject {
  const member = isJsonObject(value) ? value[name] : undefined;
  return isJsonObject(member) ? member : {};
}

/** Every schema of the document with its place. */
function collectSchemas(value: JsonValue, place: string): [string, JsonObject][] {
  if (Array.isArray(value)) return value.flatMap((element: JsonValue, at) => collectSchemas(element, `${place}/${at}`));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]): [string, JsonObject][] => {
    if (name === 'example') return [];
    const inner = collectSchemas(member, `${place}/${name}`);
    const isSchema =
      (name === 'schema' || name === 'items' || /\/(?:properties|schemas)$/.test(place)) && isJsonObject(member);
    return isSchema ? [[`${place}/${name}`, member], ...inner] : inner;
  });
}

test('document, judged by the OpenAPI schema, is valid', async (t) => {
  const result = await new Validator().validate({ ...document });
  t.true(result.valid, JSON.stringify(result.errors));
});

test('operations, over all paths, have distinct ids, a summary and an answer that says what it holds', (t) => {
  const ids: string[] = [];
  for (const [path, item] of Object.entries(objectAt(document, 'paths'))) {
    for (const method of ['get', 'post', 'delete', 'patch']) {
      const operation = objectAt(item, method);
      if (Object.keys(operation).length === 0) continue;
      const where = `${method} ${path}`;
      ids.push(JSON.stringify(operation['operationId']));
      t.truthy(operation['summary'], where);
      const [status, answer] = Object.entries(objectAt(operation, 'responses'))[0] ?? [];
      t.truthy(objectAt(operation, 'responses')[status ?? ''], where);
      if (method === 'get') t.truthy(isJsonObject(answer) && answer['content'], `${where}: an answer without content`);
    }
  }
  t.is(new Set(ids).size, ids.length);
});

test('schemas, wherever they stand, have a type, and no object or list of unknown content', (t) => {
  for (const [place, schema] of collectSchemas(document, '#')) {
    if (typeof schema['$ref'] === 'string') continue;
    t.truthy(schema['type'], place);
    if (schema['type'] === 'object') {
      t.true('properties' in schema || 'additionalProperties' in schema, `${place}: an object of unknown content`);
    }
    if (schema['type'] === 'array') t.true('items' in schema, `${place}: a list of unknown elements`);
  }
});

test('fields, in paths, bodies and answers, are described', (t) => {
  for (const { pattern, fields, operations } of paths) {
    const answers = [...operations.values()].flatMap(({ responses }) =>
      (responses ?? []).map((answer) => answer.fields),
    );
    for (const table of [fields, ...answers]) {
      for (const [name, { description }] of Object.entries(table ?? {})) {
        t.regex(description, /\S{2}/, `${pattern}: ${name}`);
      }
    }
  }
});

test('references, followed, lead somewhere', (t) => {
  const names = Object.keys(objectAt(objectAt(document, 'components'), 'schemas'));
  for (const [place, schema] of collectSchemas(document, '#')) {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') continue;
    t.true(names.includes(reference.replace('#/components/schemas/', '')), place);
  }
});
