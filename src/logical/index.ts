/** The vocabulary of the host, in one import. Interfaces only. */
export type {
  Backend,
  BackendDependencies,
  BackendFactory,
  ExistenceCheckResult,
  InitializeCall,
  SpecialPaths,
} from './backend.ts';
export type { CallContext, LeaseOptions, Operation, Request, Response, Secret } from './request.ts';
export type { Storage, StorageEntry } from './storage.ts';
export {
  ReplicationState,
  type Alias,
  type Entity,
  type Group,
  type PluginEnvironment,
  type ResponseWrapInfo,
  type RotationJob,
  type SystemView,
} from './system-view.ts';
