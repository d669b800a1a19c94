import test from 'ava';
import { field } from '../../../src/framework/field-schema.ts';
import { definePath, genericNameRegex, optionalParamRegex } from '../../../src/framework/path.ts';
import { describePaths } from '../../../src/framework/path-descriptions.ts';

const handler = async (): Promise<undefined> => undefined;

test('descriptions: everything that documentation needs, as plain data', (t) => {
  const path = definePath({
    pattern: `roles/${genericNameRegex('name')}${optionalParamRegex('part')}`,
    fields: {
      ttl: field.durationSecond({ description: ' Lease. ', default: '1h', example: '30m' }),
      name: field.string({ description: 'Role.', isRequired: true }),
      part: field.string({ description: 'Part.' }),
      secret: field.string({ description: '', isSensitive: true, isDeprecated: true, allowedValues: ['a'] }),
      list: field.bool({ description: '', isQuery: true }),
    },
    synopsis: 'Roles.',
    description: 'All about them.',
    existenceCheck: async () => true,
    operations: {
      create: { handler, summary: 'Create', isUnpublished: true },
      update: {
        handler,
        summary: ' Write ',
        example: { ttl: 5 },
        responses: [
          { status: 400, description: 'no' },
          {
            status: 200,
            description: 'ok',
            fields: { b: field.int({ description: 'B' }), a: field.int({ description: '' }) },
          },
        ],
      },
      rotate: { handler, summary: 'Rotate', isDeprecated: true },
    },
  });
  const [description] = describePaths([path]);
  t.like(description, {
    paths: ['roles/{name}', 'roles/{name}/{part}'],
    synopsis: 'Roles.',
    description: 'All about them.',
    takesArbitraryInput: false,
  });
  t.deepEqual(
    description?.fields.map(({ name, place, type, default: fallback, isRequired, isSensitive }) => [
      name,
      place,
      type,
      fallback,
      isRequired,
      isSensitive,
    ]),
    [
      ['name', 'path', 'string', undefined, true, false],
      ['part', 'path', 'string', undefined, false, false],
      ['list', 'query', 'bool', undefined, false, false],
      ['secret', 'body', 'string', undefined, false, true],
      ['ttl', 'body', 'duration (sec)', '1h', false, false],
    ],
  );
  t.like(description?.fields[3], { isDeprecated: true, allowedValues: ['a'] });
  t.like(description?.fields[4], { description: 'Lease.', example: '30m' });
  t.deepEqual(
    description?.operations.map(({ operation, method, summary, isDeprecated }) => [
      operation,
      method,
      summary,
      isDeprecated,
    ]),
    [
      ['update', 'POST', 'Write', false],
      ['rotate', '', 'Rotate', true],
    ],
  );
  const responses = description?.operations[0]?.responses ?? [];
  t.deepEqual(
    responses.map(({ status, fields }) => [status, fields.map(({ name, place }) => `${place} ${name}`)]),
    [
      [200, ['response a', 'response b']],
      [400, []],
    ],
  );
  t.deepEqual(description?.operations[0]?.example, { ttl: 5 });
});

test('descriptions: an expression without a literal form: no paths', (t) => {
  const path = definePath({ pattern: '.*', fields: {}, synopsis: '', description: '', operations: {} });
  t.deepEqual(describePaths([path])[0]?.paths, []);
});
