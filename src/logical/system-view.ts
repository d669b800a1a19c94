/** What the host tells a plugin about itself. Source: Vault plugin protocol, service pb.SystemView. */
import type { JsonObject } from '../util/json.ts';

/** Bits of `replicationState()`. */
export const ReplicationState = {
  performancePrimary: 32,
  performanceSecondary: 64,
  drPrimary: 256,
  drSecondary: 512,
  performanceBootstrapping: 1024,
  drBootstrapping: 2048,
  performanceDisabled: 4096,
  drDisabled: 8192,
  performanceStandby: 16384,
} as const;

export interface Alias {
  readonly id: string;
  readonly name: string;
  readonly mountType: string;
  readonly mountAccessor: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly customMetadata: ReadonlyMap<string, string>;
  readonly namespaceId: string;
  readonly isLocal: boolean;
}

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly Alias[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly isDisabled: boolean;
  readonly namespaceId: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly namespaceId: string;
}

export interface ResponseWrapInfo {
  readonly ttlSeconds: number;
  readonly hostToken: string;
  readonly accessor: string;
  readonly createdAt: Date;
  readonly creationPath: string;
}

export interface PluginEnvironment {
  /** For example `1.21.0`. */
  readonly hostVersion: string;
  readonly hostVersionPrerelease: string;
  readonly hostVersionMetadata: string;
}

export interface RotationJob {
  readonly name: string;
  readonly mountPoint: string;
  readonly path: string;
  /** Cron text, or '' when `rotationPeriodSeconds` is used. */
  readonly rotationSchedule: string;
  readonly rotationWindowSeconds: number;
  readonly rotationPeriodSeconds: number;
}

/**
 * Every method may throw `NotSupportedByHostError` (the host lacks it), `InternalError` (the host failed, its text
 * kept) or the bound call's cancellation.
 */
export interface SystemView {
  /** Of this mount, as tuned. */
  defaultLeaseTtlSeconds(): Promise<number>;
  /** Of this mount, as tuned. */
  maxLeaseTtlSeconds(): Promise<number>;
  /** True while the mount is being removed. */
  isTainted(): Promise<boolean>;
  isCachingDisabled(): Promise<boolean>;
  /** Bits of `ReplicationState`; 0 when unknown. */
  replicationState(): Promise<number>;
  isMlockEnabled(): Promise<boolean>;
  isLocalMount(): Promise<boolean>;
  wrapResponseData(data: JsonObject, ttlSeconds: number): Promise<ResponseWrapInfo>;
  entityInfo(entityId: string): Promise<Entity | undefined>;
  groupsForEntity(entityId: string): Promise<readonly Group[]>;
  pluginEnvironment(): Promise<PluginEnvironment>;
  generatePasswordFromPolicy(policyName: string): Promise<string>;
  /** The cluster's id, for example `2fd4b6b4-…`. */
  clusterId(): Promise<string>;
  /** A JWT that the host signs for this plugin. */
  generateIdentityToken(audience: string, ttlSeconds: number): Promise<{ identityToken: string; ttlSeconds: number }>;
  /** Returns the rotation id. */
  registerRotationJob(job: RotationJob): Promise<string>;
  deregisterRotationJob(mountPoint: string, path: string): Promise<void>;
}
