/**
 * Which mount a call is for. The host puts an id of its own into the metadata of every call for a mount.
 * Source: Vault sdk/helper/pluginutil/multiplexing.go; texts as there.
 */
import { GrpcCode, GrpcStatusError, type IncomingMetadata } from '../wire/service.ts';

const METADATA_KEY = 'multiplex_id';

/** @throws GrpcStatusError (UNKNOWN) when there is not exactly one id, or an empty one. */
export function readMultiplexId(metadata: IncomingMetadata): string {
  const [id, ...others] = metadata.get(METADATA_KEY) ?? [];
  if (id === undefined) throw new GrpcStatusError(GrpcCode.unknown, 'no multiplexing ID found');
  if (others.length > 0) {
    throw new GrpcStatusError(GrpcCode.unknown, `unexpected number of IDs in metadata: (${others.length + 1})`);
  }
  if (id === '') throw new GrpcStatusError(GrpcCode.unknown, 'empty multiplex ID in metadata');
  return id;
}
