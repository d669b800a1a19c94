/** The whole tenant: every store, and the rules that span several of them. */
import type { EmulatorClock } from '../clock.ts';
import { readLags, type EmulatorSettings } from '../settings.ts';
import { AppRoleAssignmentStore } from './app-role-assignments.ts';
import { createApplicationStore, type Application, type ApplicationStore } from './applications.ts';
import { createGroupStore, type Group, type GroupStore } from './groups.ts';
import { OwnerStore } from './owners.ts';
import type { DirectoryObject } from './directory-object.ts';
import { RecycleBin, type DeletedItem } from './recycle-bin.ts';
import type { ReplicationSource, View } from './replicated-map.ts';
import { RoleAssignmentStore } from './role-assignments.ts';
import { RoleDefinitionStore } from './role-definitions.ts';
import {
  createServicePrincipalStore,
  type ServicePrincipal,
  type ServicePrincipalStore,
} from './service-principals.ts';
import { SubscriptionStore } from './subscriptions.ts';

export interface TenantContext {
  readonly clock: EmulatorClock;
  settings(): EmulatorSettings;
}

export class Tenant {
  readonly id: string;
  readonly displayName = 'Contoso (emulated)';
  readonly domain = 'contoso.onmicrosoft.com';
  readonly applications: ApplicationStore;
  readonly servicePrincipals: ServicePrincipalStore;
  readonly groups: GroupStore;
  readonly owners: OwnerStore;
  readonly appRoleAssignments: AppRoleAssignmentStore;
  readonly recycleBin = new RecycleBin();
  readonly roleDefinitions = new RoleDefinitionStore();
  readonly roleAssignments: RoleAssignmentStore;
  readonly subscriptions = new SubscriptionStore();
  readonly #context: TenantContext;
  /** Live objects, by who made them; the key '' counts all. */
  readonly #objectCounts = new Map<string, number>();

  constructor(id: string, context: TenantContext) {
    const source: ReplicationSource = {
      nowMs: () => context.clock.nowMs(),
      lags: () => readLags(context.settings()),
    };
    this.id = id;
    this.#context = context;
    this.applications = createApplicationStore(source);
    this.servicePrincipals = createServicePrincipalStore(source);
    this.groups = createGroupStore(source);
    this.owners = new OwnerStore(source);
    this.appRoleAssignments = new AppRoleAssignmentStore(source);
    this.roleAssignments = new RoleAssignmentStore(source);
  }

  /** `id` is the tenant's GUID or its domain name. */
  isNamed(id: string): boolean {
    return id.toLowerCase() === this.id || id.toLowerCase() === this.domain;
  }

  addApplication(application: Application): void {
    this.applications.put(application);
    this.#count(application.createdBy, 1);
  }

  addServicePrincipal(principal: ServicePrincipal): void {
    this.servicePrincipals.put(principal);
    this.#count(principal.createdBy, 1);
  }

  addGroup(group: Group): void {
    this.groups.put(group);
    this.#count('', 1);
  }

  /** Live objects and deleted ones; the latter count fully while they are in the bin. */
  countObjects(): number {
    return (this.#objectCounts.get('') ?? 0) + this.recycleBin.all(this.#context.clock.nowMs()).length;
  }

  countObjectsOf(creatorId: string): number {
    return this.#objectCounts.get(creatorId) ?? 0;
  }

  /** Soft-deletes an application and its principal here, each into an item of its own. Azure role assignments stay. */
  deleteApplication(application: Application): void {
    this.applications.remove(application);
    this.#bin({ kind: 'application', object: application }, application.createdBy);
    const principal = this.servicePrincipals.find({ name: 'appId', value: application.appId });
    if (principal !== undefined) this.deleteServicePrincipal(principal);
  }

  deleteServicePrincipal(principal: ServicePrincipal): void {
    this.servicePrincipals.remove(principal);
    this.#bin({ kind: 'servicePrincipal', object: principal }, principal.createdBy);
  }

  deleteGroup(group: Group): void {
    this.groups.remove(group);
    this.#bin({ kind: 'group', object: group }, '');
  }

  /** Removes an item of the bin for good. */
  purge(item: DeletedItem): void {
    this.recycleBin.remove(item.object.id);
    this.owners.drop(item.object.id);
    if (item.kind === 'servicePrincipal') this.appRoleAssignments.dropPrincipal(item.object.id);
  }

  /** Brings an item of the bin back under its old id. */
  restore(item: DeletedItem): void {
    this.recycleBin.remove(item.object.id);
    if (item.kind === 'application') this.addApplication(item.object);
    else if (item.kind === 'servicePrincipal') this.addServicePrincipal(item.object);
    else this.addGroup(item.object);
  }

  /** Groups that `objectId` is a member of, as `view` sees them. */
  listGroupsOf(objectId: string, view?: View): readonly Group[] {
    return [...this.groups.list(view)].filter((group) => group.members.includes(objectId));
  }

  #bin(deleted: DirectoryObject, createdBy: string): void {
    const { recycleBinMs, replicationMs } = this.#context.settings();
    this.recycleBin.put(deleted, this.#context.clock.now(), recycleBinMs ?? replicationMs);
    this.#count(createdBy, -1);
  }

  #count(creatorId: string, by: number): void {
    for (const key of new Set(['', creatorId])) {
      this.#objectCounts.set(key, (this.#objectCounts.get(key) ?? 0) + by);
    }
  }
}
