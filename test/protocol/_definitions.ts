/** The protocol as proto-loader reads it from this folder's own .proto files, and the messages that tests look into. */
import { loadPackageDefinition, type GrpcObject, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import path from 'node:path';

const PROTO_FOLDER = path.resolve('test/protocol/proto');

const grpcObject = loadPackageDefinition(
  loadSync(
    ['plugin.proto', 'health.proto', 'multiplexing.proto', 'logical.proto', 'pb.proto'].map((name) =>
      path.join(PROTO_FOLDER, name),
    ),
    { keepCase: true, longs: String, enums: String, defaults: true, includeDirs: [PROTO_FOLDER] },
  ),
);

/** By its full name, for example `pb.Backend`. */
export function findService(name: string): ServiceClientConstructor {
  let found: GrpcObject[string] = grpcObject;
  for (const part of name.split('.')) found = (found as GrpcObject)[part]!;
  return found as ServiceClientConstructor;
}

export interface ProtoError {
  readonly err_type: number;
  readonly err_msg: string;
  readonly err_code: string;
}

export interface Timestamp {
  readonly seconds: string;
  readonly nanos: number;
}

/** Durations in nanoseconds, as decimal text. */
export interface LeaseOptions {
  readonly TTL: string;
  readonly renewable: boolean;
  readonly increment: string;
  readonly issue_time: Timestamp | null;
  readonly MaxTTL: string;
}

export interface Secret {
  readonly lease_options: LeaseOptions | null;
  /** JSON text. */
  readonly internal_data: string;
  readonly lease_id: string;
}

export interface Response {
  readonly secret: Secret | null;
  readonly auth: object | null;
  /** JSON text. */
  readonly data: string;
  readonly redirect: string;
  readonly warnings: readonly string[];
  readonly wrap_info: { readonly creation_time: Timestamp | null } | null;
  readonly headers: Readonly<Record<string, { readonly header: readonly string[] }>>;
}

export interface HandleRequestReply {
  readonly response: Response | null;
  readonly err: ProtoError | null;
}

export interface ExistenceCheckReply {
  readonly check_found: boolean;
  readonly exists: boolean;
  readonly err: ProtoError | null;
}

export interface Paths {
  readonly root: readonly string[];
  readonly unauthenticated: readonly string[];
  readonly local_storage: readonly string[];
  readonly seal_wrap_storage: readonly string[];
}

/** Fields of `pb.Request` that tests set; the rest has its default. `data` and `internal_data` are JSON text. */
export interface WireRequest {
  readonly id?: string;
  readonly operation?: string;
  readonly path?: string;
  readonly data?: string;
  readonly secret?: Partial<Secret>;
  readonly headers?: Readonly<Record<string, { readonly header: readonly string[] }>>;
  readonly client_token?: string;
  readonly client_token_accessor?: string;
  readonly display_name?: string;
  readonly mount_point?: string;
  readonly mount_type?: string;
  readonly mount_accessor?: string;
  readonly entity_id?: string;
  readonly connection?: { readonly remote_addr: string; readonly remote_port: number };
}
