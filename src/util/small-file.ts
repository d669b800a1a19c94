/** Reads small regular files whose place somebody else has named: never a device, a pipe or a symbolic link. */
import { constants, promises } from 'node:fs';

export interface SmallFiles {
  /** The absolute path that `path` leads to, without symbolic links. @throws Node's errors, for example ENOENT. */
  realPath(path: string): Promise<string>;
  /**
   * The first `maxBytes` of a file; the last part of `path` may be no symbolic link.
   * @throws Node's errors; an Error without code when it is no regular file.
   */
  readStart(path: string, maxBytes: number): Promise<Uint8Array>;
}

export const systemSmallFiles: SmallFiles = {
  realPath: (path) => promises.realpath(path),
  readStart: async (path, maxBytes) => {
    // Not blocking: opening a pipe would wait for somebody to write into it.
    const file = await promises.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Error('not a regular file');
      const buffer = new Uint8Array(maxBytes);
      let sizeBytes = 0;
      while (sizeBytes < maxBytes) {
        const { bytesRead } = await file.read(buffer, sizeBytes, maxBytes - sizeBytes, sizeBytes);
        if (bytesRead === 0) break;
        sizeBytes += bytesRead;
      }
      return buffer.subarray(0, sizeBytes);
    } finally {
      await file.close();
    }
  },
};
