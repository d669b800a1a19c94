// In place of `@grpc/proto-loader` inside @grpc/grpc-js, whose channelz and ORCA services would load .proto files with
// it. We use neither service, and our own messages have generated codecs.
export function loadSync() {
  throw new Error('loading .proto files is not possible in a plugin');
}
