/** Subscriptions and resource groups: enough to list, and to see whether a credential works. */
import type { EmulatorReply } from '../server/exchange.ts';
import { isScopeWithin } from '../state/scopes.ts';
import type { ResourceGroup, Subscription } from '../state/subscriptions.ts';
import {
  invalidContent,
  isAllowed,
  listHeldRoles,
  parseBody,
  readText,
  requireAction,
  requireScope,
  type ArmCall,
} from './call.ts';
import { resourceGroupNotFound, subscriptionNotFound } from './errors.ts';
import { answerPage } from './listing.ts';

const GROUP = 'Microsoft.Resources/subscriptions/resourceGroups';

/** Subscriptions in which the caller may read something. */
export function listSubscriptions(call: ArmCall): EmulatorReply {
  const { tenant, settings } = call.emulation;
  const visible = tenant.subscriptions.list().filter(({ id }) => holdsAnythingIn(call, id));
  return answerPage(
    call.request,
    visible.map((subscription) => encodeSubscription(subscription, tenant.id)),
    settings.armPageSize,
  );
}

export function getSubscription(call: ArmCall, id: string): EmulatorReply {
  const subscription = requireSubscription(call, id);
  return { status: 200, body: encodeSubscription(subscription, call.emulation.tenant.id) };
}

/** @throws ArmError 404 when there is none, 403 when the caller holds nothing in it. */
function requireSubscription(call: ArmCall, id: string): Subscription {
  const subscription = call.emulation.tenant.subscriptions.get(id);
  if (subscription === undefined) throw subscriptionNotFound(id);
  if (!holdsAnythingIn(call, id)) {
    requireAction(call, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${id}`);
  }
  return subscription;
}

function holdsAnythingIn(call: ArmCall, subscriptionId: string): boolean {
  const path = `/subscriptions/${subscriptionId}`;
  return listHeldRoles(call, call.caller.objectId).some(
    ({ assignment }) => isScopeWithin(assignment.scope, path) || isScopeWithin(path, assignment.scope),
  );
}

/** The groups that the caller may read; without any role in the subscription 403. */
export function listResourceGroups(call: ArmCall, subscriptionId: string): EmulatorReply {
  const subscription = call.emulation.tenant.subscriptions.get(subscriptionId);
  if (subscription === undefined) throw subscriptionNotFound(subscriptionId);
  if (!holdsAnythingIn(call, subscriptionId)) {
    requireAction(call, `${GROUP}/read`, `/subscriptions/${subscriptionId}`);
  }
  const visible = subscription.resourceGroups.filter((group) =>
    isAllowed(call, `${GROUP}/read`, pathOf(subscription.id, group.name)),
  );
  return answerPage(
    call.request,
    visible.map((group) => encodeGroup(group, subscription.id)),
    call.emulation.settings.armPageSize,
  );
}

export function getResourceGroup(call: ArmCall, subscriptionId: string, name: string): EmulatorReply {
  requireScope(call, pathOf(subscriptionId, name), `${GROUP}/read`);
  const group = call.emulation.tenant.subscriptions.findResourceGroup(subscriptionId, name);
  if (group === undefined) throw resourceGroupNotFound(name);
  return { status: 200, body: encodeGroup(group, subscriptionId) };
}

export function putResourceGroup(call: ArmCall, subscriptionId: string, name: string): EmulatorReply {
  const { subscriptions } = call.emulation.tenant;
  const subscription = subscriptions.get(subscriptionId);
  if (subscription === undefined) throw subscriptionNotFound(subscriptionId);
  requireAction(call, `${GROUP}/write`, pathOf(subscriptionId, name));
  const location = readText(parseBody(call.request), 'location');
  if (location === null) throw invalidContent("The 'location' property is required for this definition.");
  const existing = subscriptions.findResourceGroup(subscriptionId, name);
  const group = existing ?? { name, location };
  if (existing === undefined) {
    subscriptions.put({ ...subscription, resourceGroups: [...subscription.resourceGroups, group] });
  }
  return { status: existing === undefined ? 201 : 200, body: encodeGroup(group, subscriptionId) };
}

/** The group goes at once, and what was assigned in it with it. */
export function deleteResourceGroup(call: ArmCall, subscriptionId: string, name: string): EmulatorReply {
  const { subscriptions, roleAssignments } = call.emulation.tenant;
  const path = pathOf(subscriptionId, name);
  requireScope(call, path, `${GROUP}/delete`);
  const subscription = subscriptions.get(subscriptionId);
  if (subscription === undefined) throw subscriptionNotFound(subscriptionId);
  const group = subscriptions.findResourceGroup(subscriptionId, name);
  subscriptions.put({
    ...subscription,
    resourceGroups: subscription.resourceGroups.filter((other) => other !== group),
  });
  for (const assignment of [...roleAssignments.list()]) {
    if (isScopeWithin(assignment.scope, path)) roleAssignments.remove(assignment);
  }
  return { status: 200 };
}

function pathOf(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
}

function encodeSubscription(subscription: Subscription, tenantId: string): object {
  return {
    id: `/subscriptions/${subscription.id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: subscription.id,
    tenantId,
    displayName: subscription.displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

function encodeGroup(group: ResourceGroup, subscriptionId: string): object {
  return {
    id: pathOf(subscriptionId, group.name),
    name: group.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group.location,
    properties: { provisioningState: 'Succeeded' },
  };
}
