import test from 'ava';
import fc from 'fast-check';
import { type AzureRole, EMPTY_ROLE, type RoleRecord } from '../../../../src/engines/azure/model-role.ts';
import { planRights, without } from '../../../../src/engines/azure/plan-rights.ts';
import { FakeRandom } from '../../../helpers/fake-random.ts';

const DEFINITIONS = '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions';
const azureRole = (definition: string, scope: string): AzureRole => ({
  roleName: definition,
  roleDefinitionId: `${DEFINITIONS}/${definition}`,
  scope,
});
const assignmentId = (scope: string, guid: string): string =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid}`;

/** A role as it is stored when its first write is over. */
function storedRole(azureRoles: readonly AzureRole[], groupIds: readonly string[]): RoleRecord {
  return {
    ...EMPTY_ROLE,
    azureRoles,
    persistApp: true,
    managedApplicationObjectId: 'm',
    roleAssignmentIds: azureRoles.map(({ scope }, index) => assignmentId(scope, `old-${index}`)),
    groupMembershipIds: groupIds,
  };
}

const SCOPES = ['/subscriptions/s', '/subscriptions/s/resourceGroups/a', '/subscriptions/s/resourceGroups/b'];
const roles = fc.uniqueArray(
  fc.record({ definition: fc.constantFrom('d1', 'd2', 'd3'), scope: fc.constantFrom(...SCOPES) }),
  {
    selector: ({ definition, scope }) => definition + scope,
    maxLength: 6,
  },
);
const groups = fc.uniqueArray(fc.constantFrom('g1', 'g2', 'g3'));

test('rights: whatever changes, what stays keeps its id, what comes has a new one, and nothing is named twice', (t) => {
  fc.assert(
    fc.property(roles, roles, groups, groups, (before, after, groupsBefore, groupsAfter) => {
      const rolesBefore = before.map(({ definition, scope }) => azureRole(definition, scope));
      const rolesAfter = after.map(({ definition, scope }) => azureRole(definition.toUpperCase(), `${scope}/`));
      const old = storedRole(rolesBefore, groupsBefore);
      const azureGroups = groupsAfter.map((groupId) => ({ groupName: groupId, groupId }));
      const plan = planRights(old, rolesAfter, azureGroups, new FakeRandom());
      t.deepEqual(
        plan.assignments.map((assignment) => assignment.azureRole),
        rolesAfter,
      );
      const ids = plan.assignments.map(({ id }) => id);
      t.is(new Set(ids).size, ids.length);
      for (const [index, { definition, scope }] of after.entries()) {
        const place = before.findIndex((role) => role.definition === definition && role.scope === scope);
        const id = ids[index] ?? '';
        if (place === -1) t.true(plan.newAssignmentIds.includes(id));
        else t.is(id, old.roleAssignmentIds?.[place] ?? '');
      }
      t.deepEqual(without(plan.newAssignmentIds, old.roleAssignmentIds ?? []), [...plan.newAssignmentIds]);
      t.deepEqual(
        plan.newGroupIds,
        groupsAfter.filter((groupId) => !groupsBefore.includes(groupId)),
      );
    }),
    { seed: 1 },
  );
});

const distrusts = test.macro<[change: (old: RoleRecord) => Partial<RoleRecord>]>((t, change) => {
  const [scope = ''] = SCOPES;
  const wanted = [azureRole('d1', scope)];
  const old = storedRole(wanted, []);
  const plan = planRights({ ...old, ...change(old) }, wanted, null, new FakeRandom());
  t.is(plan.newAssignmentIds.length, 1);
});
test('rights: ids of a role that was switched off may be others’, so they are not relied on', distrusts, () => ({
  persistApp: false,
}));
test('rights: more ids than roles are not relied on', distrusts, ({ roleAssignmentIds }) => ({
  roleAssignmentIds: [...(roleAssignmentIds ?? []), 'x'],
}));
test('rights: an id at another scope is not relied on', distrusts, () => ({
  roleAssignmentIds: [assignmentId('/subscriptions/s/resourceGroups/a', 'g')],
}));
test('rights: an empty id is not relied on', distrusts, () => ({ roleAssignmentIds: [''] }));
test('rights: no ids at all are not relied on', distrusts, () => ({ roleAssignmentIds: null }));

test('difference: ids are compared without regard to case, empty ones are none', (t) => {
  t.deepEqual(without(['A', 'b', ''], ['a']), ['b']);
});
