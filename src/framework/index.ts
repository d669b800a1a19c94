/** Engines as tables: paths, fields, leases, crash log, help. Knows nothing of gRPC. */
export { createFrameworkBackend, type BackendSpec, type FrameworkDependencies } from './backend.ts';
export type { DisplayAttributes } from './display-attributes.ts';
export { field, type FieldOptions, type FieldSchema, type FieldTable, type FieldValues } from './field-schema.ts';
export { applyMergePatch, buildMergePatch } from './merge-patch.ts';
export { describePaths, type PathDescription } from './path-descriptions.ts';
export {
  definePath,
  genericNameRegex,
  genericNameWithAtRegex,
  matchAllRegex,
  optionalParamRegex,
  type OperationSpec,
  type Path,
  type PathSpec,
  type ResponseSpec,
} from './path.ts';
export type { PathRequest } from './path-request.ts';
export { createReadOnlyError, isReadOnlyError, isWriteSafe, readOnlyStorageMessage } from './replication.ts';
export { errorResponse, listResponse, listResponseWithInfo, omitUndefined, withWarnings } from './responses.ts';
export type { WalRollback } from './rollback.ts';
export { defineSecretType, extendLease, type NewSecret, type SecretRequest, type SecretType } from './secret.ts';
export { WAL_PREFIX, deleteWal, getWal, listWal, putWal, type WalEntry } from './wal.ts';
