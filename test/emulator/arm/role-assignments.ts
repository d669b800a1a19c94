/** `roleAssignments`: create by a GUID of the caller's choice, read, list, delete. */
import { isJsonObject, type JsonObject } from '../json.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import type { RoleAssignment } from '../state/role-assignments.ts';
import { isScopeWithin, type ParsedScope } from '../state/scopes.ts';
import { invalidContent, parseBody, readText, requireScope, requireUnlocked, type ArmCall } from './call.ts';
import { ArmError, principalNotFound } from './errors.ts';
import { answerPage, readFilterTerms, type FilterTerm } from './listing.ts';
import { buildDefinitionId } from './role-definitions.ts';

const TYPE = 'Microsoft.Authorization/roleAssignments';
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const PRINCIPAL_TYPES = ['ServicePrincipal', 'Group', 'User', 'ForeignGroup', 'Device'];

export function putRoleAssignment(call: ArmCall, path: string, name: string): EmulatorReply {
  const { tenant } = call.emulation;
  const scope = requireScope(call, path, `${TYPE}/write`);
  requireUnlocked(call, scope.path, 'write');
  const wanted = readAssignment(call, scope, name);
  const existing = tenant.roleAssignments.get(scope.path, name);
  if (existing !== undefined) return updateAssignment(call, existing, wanted);
  if (tenant.roleAssignments.findSame(scope.path, wanted.principalId, wanted.roleName) !== undefined) {
    throw new ArmError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  }
  checkLimit(call, scope);
  tenant.roleAssignments.add(wanted);
  return { status: 201, body: encode(wanted) };
}

/** The same content again is fine; of a different one only the texts may change. */
function updateAssignment(call: ArmCall, existing: RoleAssignment, wanted: RoleAssignment): EmulatorReply {
  if (existing.principalId !== wanted.principalId || existing.roleName !== wanted.roleName) {
    const message = 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.';
    throw new ArmError(409, 'RoleAssignmentUpdateNotPermitted', message);
  }
  const { description, condition, conditionVersion, updatedAt } = wanted;
  const updated = { ...existing, description, condition, conditionVersion, updatedAt };
  call.emulation.tenant.roleAssignments.replace(updated);
  return { status: 200, body: encode(updated) };
}

function readAssignment(call: ArmCall, scope: ParsedScope, name: string): RoleAssignment {
  const { tenant } = call.emulation;
  if (!GUID.test(name)) {
    const message = `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`;
    throw new ArmError(400, 'InvalidRoleAssignmentId', message);
  }
  const { properties } = parseBody(call.request);
  if (!isJsonObject(properties)) throw invalidContent("The property 'properties' is missing.");
  const definitionId = readText(properties, 'roleDefinitionId') ?? '';
  const roleName = definitionId.split('/').at(-1) ?? '';
  const definition = tenant.roleDefinitions.get(roleName);
  if (definition === undefined) {
    const message = `The specified role definition with ID '${roleName.replaceAll('-', '')}' does not exist.`;
    throw new ArmError(400, 'RoleDefinitionDoesNotExist', message);
  }
  if (!definition.assignableScopes.some((assignable) => isScopeWithin(scope.path, assignable))) {
    const message = `The role definition '${definition.roleName}' cannot be assigned at the scope '${scope.path}'.`;
    throw new ArmError(400, 'RoleDefinitionNotAssignableAtScope', message);
  }
  const principalId = readText(properties, 'principalId') ?? '';
  if (!GUID.test(principalId)) throw new ArmError(400, 'InvalidPrincipalId', 'A valid principal ID must be provided.');
  const now = new Date(call.request.nowMs);
  return {
    name,
    scope: scope.path,
    principalId: principalId.toLowerCase(),
    principalType: readPrincipalType(call, properties, principalId.toLowerCase()),
    roleName: definition.name,
    roleDefinitionId: buildDefinitionId(scope.path, definition.name),
    description: readText(properties, 'description'),
    condition: readText(properties, 'condition'),
    conditionVersion: readText(properties, 'conditionVersion'),
    delegatedManagedIdentityResourceId: readText(properties, 'delegatedManagedIdentityResourceId'),
    createdAt: now,
    updatedAt: now,
    createdBy: call.caller.objectId,
  };
}

/** A type spares ARM the look-up in the directory, which may not know a young principal yet. */
function readPrincipalType(call: ArmCall, properties: JsonObject, principalId: string): string {
  const { tenant } = call.emulation;
  const { view } = call.request;
  const isPrincipal = tenant.servicePrincipals.get(principalId, view) !== undefined;
  const isGroup = tenant.groups.get(principalId, view) !== undefined;
  const actual = isPrincipal ? 'ServicePrincipal' : isGroup ? 'Group' : undefined;
  const stated = readText(properties, 'principalType');
  if (stated === null) {
    if (actual === undefined) throw principalNotFound(principalId, tenant.id);
    return actual;
  }
  const known = PRINCIPAL_TYPES.find((type) => type.toLowerCase() === stated.toLowerCase());
  if (known === undefined) throw invalidContent(`The principal type '${stated}' is not valid.`);
  if (actual !== undefined && actual !== known) {
    const message = `The PrincipalId '${principalId.replaceAll('-', '')}' has type '${actual}' , which is different from specified PrinciaplType '${known}'.`;
    throw new ArmError(400, 'UnmatchedPrincipalType', message);
  }
  return known;
}

function checkLimit({ emulation }: ArmCall, scope: ParsedScope): void {
  if (scope.subscriptionId === undefined) return;
  const limit = emulation.settings.quotas.roleAssignmentsPerSubscription;
  if (emulation.tenant.roleAssignments.countInSubscription(scope.subscriptionId) >= limit) {
    const message = `No more role assignments can be created (code: RoleAssignmentLimitExceeded). The limit is ${limit}.`;
    throw new ArmError(400, 'RoleAssignmentLimitExceeded', message);
  }
}

export function getRoleAssignment(call: ArmCall, path: string, name: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/read`);
  const assignment = call.emulation.tenant.roleAssignments.get(scope.path, name, call.request.view);
  if (assignment === undefined) {
    throw new ArmError(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`);
  }
  return { status: 200, body: encode(assignment) };
}

export function deleteRoleAssignment(call: ArmCall, path: string, name: string): EmulatorReply {
  const { roleAssignments } = call.emulation.tenant;
  const scope = requireScope(call, path, `${TYPE}/delete`);
  const assignment = roleAssignments.get(scope.path, name);
  if (assignment === undefined) return { status: 204 };
  requireUnlocked(call, scope.path, 'delete');
  roleAssignments.remove(assignment);
  return { status: 200, body: encode(assignment) };
}

/** At, above and below the scope; `atScope()` leaves out what is below. */
export function listRoleAssignments(call: ArmCall, path: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/read`);
  const terms = readFilterTerms(call.request);
  const { roleAssignments } = call.emulation.tenant;
  const found = [...roleAssignments.list(call.request.view)].filter(
    (assignment) =>
      (isScopeWithin(assignment.scope, scope.path) || isScopeWithin(scope.path, assignment.scope)) &&
      terms.every((term) => matches(call, scope, assignment, term)),
  );
  return answerPage(call.request, found.map(encode), call.emulation.settings.armPageSize);
}

function matches(call: ArmCall, scope: ParsedScope, assignment: RoleAssignment, term: FilterTerm): boolean {
  if (term.kind === 'equals' && term.property === 'principalid') return assignment.principalId === term.value;
  if (term.kind === 'call' && term.name === 'atscope') return isScopeWithin(scope.path, assignment.scope);
  if (term.kind === 'call' && term.name === 'assignedto') {
    const groups = call.emulation.tenant.listGroupsOf(term.argument, call.request.view);
    return [term.argument, ...groups.map(({ id }) => id)].includes(assignment.principalId);
  }
  throw new ArmError(400, 'InvalidFilter', `The filter '${call.request.query.get('$filter') ?? ''}' is not supported.`);
}

function encode(assignment: RoleAssignment): object {
  const prefix = assignment.scope === '/' ? '' : assignment.scope;
  return {
    properties: {
      roleDefinitionId: assignment.roleDefinitionId,
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      condition: assignment.condition,
      conditionVersion: assignment.conditionVersion,
      createdOn: assignment.createdAt.toISOString(),
      updatedOn: assignment.updatedAt.toISOString(),
      createdBy: assignment.createdBy,
      updatedBy: assignment.createdBy,
      delegatedManagedIdentityResourceId: assignment.delegatedManagedIdentityResourceId,
      description: assignment.description,
    },
    id: `${prefix}/providers/${TYPE}/${assignment.name}`,
    type: TYPE,
    name: assignment.name,
  };
}
