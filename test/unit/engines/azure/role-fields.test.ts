import test from 'ava';
import fc from 'fast-check';
import {
  checkSignInAudience,
  checkTags,
  checkTtls,
  parseAzureGroups,
  parseAzureRoles,
} from '../../../../src/engines/azure/role-fields.ts';
import { EMPTY_ROLE } from '../../../../src/engines/azure/model-role.ts';
import { InvalidRequestError } from '../../../../src/errors.ts';

const checkTtlsMacro = test.macro<[ttl: number, max: number, explicitMax: number, text: string | undefined]>({
  exec: (t, ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds, text) => {
    const role = { ...EMPTY_ROLE, ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds };
    if (text === undefined) t.notThrows(() => checkTtls(role));
    else t.throws(() => checkTtls(role), { instanceOf: InvalidRequestError, message: text });
  },
  title: (_, ttl, max, explicitMax) => `ttls: ${ttl}/${max}/${explicitMax}`,
});

test(checkTtlsMacro, 0, 0, 0, undefined);
test(checkTtlsMacro, 60, 60, 60, undefined);
test(checkTtlsMacro, 61, 60, 0, 'ttl cannot be greater than max_ttl');
test(checkTtlsMacro, 61, 0, 60, 'ttl cannot be greater than explicit_max_ttl');
test(checkTtlsMacro, 0, 61, 60, 'max_ttl cannot be greater than explicit_max_ttl');
test(checkTtlsMacro, 61, 60, 59, 'ttl cannot be greater than max_ttl');

test('sign_in_audience: one of the four, or none, is taken; others are refused with the list', (t) => {
  t.is(checkSignInAudience('AzureADMyOrg'), 'AzureADMyOrg');
  t.is(checkSignInAudience(''), '');
  t.throws(() => checkSignInAudience('azureadmyorg'), {
    instanceOf: InvalidRequestError,
    message:
      'Invalid value for sign_in_audience field. Valid values are: AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount, PersonalMicrosoftAccount',
  });
});

test('tags: sorted and trimmed, without duplicates and empty ones; inner white space and sizes are refused', (t) => {
  t.deepEqual(checkTags(['b', 'a', 'b']), ['a', 'b']);
  t.deepEqual(checkTags([' b', 'B', 'b\n', '', ' ']), ['B', 'b']);
  t.deepEqual(checkTags(['é'.repeat(256)]), ['é'.repeat(256)]);
  t.deepEqual(checkTags(['x'.repeat(256)]), ['x'.repeat(256)]);
  for (const tag of ['a b', 'a\tb', 'a\u00a0b']) {
    t.throws(() => checkTags([tag]), { message: 'whitespaces are not allowed in tags' });
  }
  t.throws(() => checkTags(['x'.repeat(257)]), {
    message: 'individual tag size must be between 1 and 256 characters (inclusive)',
  });
});

test('azure_roles: names, ids and scopes are read, whatever the case of the keys', (t) => {
  t.deepEqual(parseAzureRoles('[{"Role_Name":"Reader","scope":"/subscriptions/s"}]'), [
    { roleName: 'Reader', roleDefinitionId: '', scope: '/subscriptions/s' },
  ]);
  t.deepEqual(parseAzureRoles(''), []);
  t.deepEqual(parseAzureRoles('null'), []);
  t.deepEqual(parseAzureRoles('[]'), []);
});

const refusesRoles = test.macro<[text: string, message: RegExp]>({
  exec: (t, text, message) => {
    t.throws(() => parseAzureRoles(text), { instanceOf: InvalidRequestError, message });
  },
  title: (_, text) => `azure_roles: ${text} is refused`,
});
test(refusesRoles, '{', /^error parsing Azure roles '\{': azure_roles must be a JSON list of objects$/);
test(refusesRoles, '{"role_name":"Reader"}', /must be a JSON list of objects/);
test(refusesRoles, '["Reader"]', /must be a JSON list of objects/);
test(
  refusesRoles,
  '[{"scope":"/subscriptions/s"}]',
  /^azure_roles\[0\]: either role_name or role_id must be provided$/,
);
test(refusesRoles, '[{"role_name":"Reader"}]', /^azure_roles\[0\]: scope must be provided and start with '\/'/);
test(refusesRoles, '[{"role_name":"Reader","scope":"subscriptions/s"}]', /scope must be provided and start with/);
test(refusesRoles, '[{"role_name":7,"scope":"/"}]', /^azure_roles\[0\]: role_name must be a string$/);

test('azure_groups: names and ids are read, empty entries refused', (t) => {
  t.deepEqual(parseAzureGroups('[{"group_name":"dev"},{"object_id":"g1"}]'), [
    { groupName: 'dev', groupId: '' },
    { groupName: '', groupId: 'g1' },
  ]);
  t.throws(() => parseAzureGroups('[{}]'), {
    message: 'azure_groups[0]: either group_name or object_id must be provided',
  });
});

test('azure_roles: any text either parses or is refused as the user’s mistake', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        return Array.isArray(parseAzureRoles(text));
      } catch (error) {
        return error instanceof InvalidRequestError;
      }
    }),
    { seed: 20260101, numRuns: 1000 },
  );
  t.pass();
});
