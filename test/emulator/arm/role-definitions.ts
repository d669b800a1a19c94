/** `roleDefinitions`: list and read at any scope; create, change and delete custom ones. */
import { isJsonArray, isJsonObject, type JsonObject } from '../json.ts';
import type { EmulatorReply } from '../server/exchange.ts';
import type { RoleDefinition, RolePermission } from '../state/role-definitions.ts';
import { invalidContent, parseBody, readText, requireAction, requireScope, type ArmCall } from './call.ts';
import { ArmError } from './errors.ts';
import { answerPage, readFilterTerms, type FilterTerm } from './listing.ts';

const TYPE = 'Microsoft.Authorization/roleDefinitions';

/** The full id of a definition as ARM writes it for a scope. */
export function buildDefinitionId(scopePath: string, name: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scopePath)?.[0] ?? '';
  return `${subscription}/providers/${TYPE}/${name}`;
}

export function listRoleDefinitions(call: ArmCall, path: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/read`);
  const terms = readFilterTerms(call.request);
  const found = call.emulation.tenant.roleDefinitions
    .listAt(scope.path)
    .filter((definition) => terms.every((term) => matches(definition, term)));
  return answerPage(
    call.request,
    found.map((definition) => encode(definition, scope.path)),
    call.emulation.settings.armPageSize,
  );
}

function matches(definition: RoleDefinition, term: FilterTerm): boolean {
  if (term.kind === 'call') return term.name === 'atscopeandbelow';
  if (term.property === 'rolename') return definition.roleName.toLowerCase() === term.value;
  if (term.property === 'type') return typeOf(definition).toLowerCase() === term.value;
  throw new ArmError(400, 'InvalidFilter', `The property '${term.property}' cannot be filtered on.`);
}

function typeOf(definition: RoleDefinition): string {
  return definition.isCustom ? 'CustomRole' : 'BuiltInRole';
}

export function getRoleDefinition(call: ArmCall, path: string, name: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/read`);
  const definition = call.emulation.tenant.roleDefinitions.get(name);
  if (definition === undefined) throw roleDefinitionDoesNotExist(name);
  return { status: 200, body: encode(definition, scope.path) };
}

export function roleDefinitionDoesNotExist(id: string): ArmError {
  return new ArmError(
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${id}' does not exist.`,
  );
}

export function putRoleDefinition(call: ArmCall, path: string, name: string): EmulatorReply {
  const scope = requireScope(call, path, `${TYPE}/write`);
  const { properties } = parseBody(call.request);
  if (!isJsonObject(properties)) throw invalidContent("The property 'properties' is missing.");
  const { roleDefinitions } = call.emulation.tenant;
  if (roleDefinitions.get(name)?.isCustom === false) {
    throw new ArmError(403, 'RoleDefinitionUpdateNotPermitted', 'Built-in role definitions cannot be changed.');
  }
  const definition: RoleDefinition = {
    name: name.toLowerCase(),
    roleName: readText(properties, 'roleName') ?? name,
    description: readText(properties, 'description') ?? '',
    isCustom: true,
    assignableScopes: readTexts(properties, 'assignableScopes'),
    permissions: readPermissions(properties),
  };
  const hasSameName = (other: RoleDefinition): boolean =>
    other.name !== definition.name && other.roleName.toLowerCase() === definition.roleName.toLowerCase();
  if (roleDefinitions.list().some(hasSameName)) {
    const message = 'A custom role with the same name already exists in this directory. Use a different name';
    throw new ArmError(409, 'RoleDefinitionWithSameNameExists', message);
  }
  roleDefinitions.put(definition);
  return { status: 201, body: encode(definition, scope.path) };
}

export function deleteRoleDefinition(call: ArmCall, path: string, name: string): EmulatorReply {
  const { roleDefinitions, roleAssignments } = call.emulation.tenant;
  requireAction(call, `${TYPE}/delete`, path === '' ? '/' : path);
  const definition = roleDefinitions.get(name);
  if (definition === undefined) return { status: 204 };
  if ([...roleAssignments.list()].some(({ roleName }) => roleName === definition.name)) {
    const message = 'There are existing role assignments referencing role.';
    throw new ArmError(400, 'RoleDefinitionHasAssignments', message);
  }
  roleDefinitions.remove(name);
  return { status: 200, body: encode(definition, path) };
}

function encode(definition: RoleDefinition, scopePath: string): object {
  return {
    properties: {
      roleName: definition.roleName,
      type: typeOf(definition),
      description: definition.description,
      assignableScopes: definition.assignableScopes,
      permissions: definition.permissions,
      createdOn: '2015-02-02T21:55:09.8806423Z',
      updatedOn: '2021-11-11T20:13:52.4710217Z',
      createdBy: null,
      updatedBy: null,
    },
    id: buildDefinitionId(scopePath, definition.name),
    type: TYPE,
    name: definition.name,
  };
}

function readPermissions(properties: JsonObject): readonly RolePermission[] {
  const { permissions } = properties;
  if (!isJsonArray(permissions)) throw invalidContent("The property 'permissions' is missing.");
  return permissions.map((permission) => {
    if (!isJsonObject(permission)) throw invalidContent("The property 'permissions' must hold objects.");
    return {
      actions: readTexts(permission, 'actions'),
      notActions: readTexts(permission, 'notActions'),
      dataActions: readTexts(permission, 'dataActions'),
      notDataActions: readTexts(permission, 'notDataActions'),
    };
  });
}

function readTexts(body: JsonObject, name: string): readonly string[] {
  const value = body[name] ?? [];
  if (!isJsonArray(value)) throw invalidContent(`The property '${name}' must be a list.`);
  return value.map((item) => {
    if (typeof item !== 'string') throw invalidContent(`The property '${name}' must hold strings.`);
    return item;
  });
}
