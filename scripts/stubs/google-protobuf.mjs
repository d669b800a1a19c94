// In place of `google-protobuf`: itself, but loaded when it is first used. Running its 250 kB takes about 10 ms, and
// nothing before the handshake needs it. src/wire/protobuf-runtime.ts looks its classes up at each use.
/* global require -- esbuild's own; this file never runs outside a bundle. */
let library;

function load() {
  // By its path: its name would lead back here.
  library ??= require('../../node_modules/google-protobuf/google-protobuf.js');
  return library;
}

export default {
  get BinaryReader() {
    return load().BinaryReader;
  },
  get BinaryWriter() {
    return load().BinaryWriter;
  },
};
