/** What a node may do, given its place in the host's cluster. Source: Vault SDK framework/backend.go. */
import { NotSupportedByHostError, StorageError, errorMessage } from '../errors.ts';
import { ReplicationState, type SystemView } from '../logical/index.ts';

/** Hosts forward a request to the active node when an answer's text contains this. */
export const readOnlyStorageMessage = 'cannot write to readonly storage';

/** The answer that makes the host forward the request. Throw it before anything outside was changed. */
export function createReadOnlyError(): StorageError {
  return new StorageError(readOnlyStorageMessage);
}

/** True for what a storage throws on a node that must not write, however it is wrapped. */
export function isReadOnlyError(thrown: unknown): boolean {
  return errorMessage(thrown).includes(readOnlyStorageMessage);
}

/** Bits of `ReplicationState`; 0 on hosts that do not tell. */
async function replicationBits(systemView: SystemView): Promise<number> {
  try {
    return await systemView.replicationState();
  } catch (error) {
    if (error instanceof NotSupportedByHostError) return 0;
    throw error;
  }
}

function hasBit(bits: number, bit: number): boolean {
  return (bits & bit) !== 0;
}

/**
 * True when this node may write to storage: periodic and start-up work asks first. OpenBao's standbys say yes all the
 * same, so a read-only error must be borne too (`isReadOnlyError`).
 */
export async function isWriteSafe(systemView: SystemView): Promise<boolean> {
  const bits = await replicationBits(systemView);
  if (hasBit(bits, ReplicationState.drSecondary) || hasBit(bits, ReplicationState.performanceStandby)) return false;
  return !hasBit(bits, ReplicationState.performanceSecondary) || (await systemView.isLocalMount());
}

export interface ForwardFlags {
  readonly forwardPerformanceStandby?: boolean;
  readonly forwardPerformanceSecondary?: boolean;
}

/** Asks the host only when a flag is set. */
export async function shouldForward(flags: ForwardFlags, systemView: SystemView): Promise<boolean> {
  const isForStandby = flags.forwardPerformanceStandby === true;
  const isForSecondary = flags.forwardPerformanceSecondary === true;
  if (!isForStandby && !isForSecondary) return false;
  const bits = await replicationBits(systemView);
  if (isForStandby && hasBit(bits, ReplicationState.performanceStandby)) return true;
  if (!isForSecondary || !hasBit(bits, ReplicationState.performanceSecondary)) return false;
  return !(await systemView.isLocalMount());
}
