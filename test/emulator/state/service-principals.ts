/** Service principals: what logs in, holds rights and is a member of groups. */
import { DirectoryStore } from './directory-store.ts';
import type { PasswordCredential } from './passwords.ts';
import type { ReplicationSource } from './replicated-map.ts';

/** A right that a resource (Microsoft Graph, an API) offers to applications. */
export interface AppRole {
  readonly id: string;
  /** What appears in a token's `roles`, for example `Application.ReadWrite.All`. */
  readonly value: string;
  readonly displayName: string;
}

export interface ServicePrincipal {
  /** Object id. */
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly isEnabled: boolean;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly createdAt: Date;
  readonly passwords: readonly PasswordCredential[];
  readonly appRoles: readonly AppRole[];
  /** The principal that made it. */
  readonly createdBy: string;
}

export type ServicePrincipalStore = DirectoryStore<ServicePrincipal, 'appId'>;

export function createServicePrincipalStore(source: ReplicationSource): ServicePrincipalStore {
  return new DirectoryStore(source, { appId: (principal: ServicePrincipal) => principal.appId });
}
