/** Files in memory, for code that takes a `FileSource`. */
import type { FileSource } from '../../src/azure/certificate-authorities.ts';

/** `files`: contents by path. Reading anything else fails as a missing file does. */
export function memoryFiles(files: Readonly<Record<string, string>> = {}): FileSource & { readonly read: string[] } {
  const read: string[] = [];
  return {
    read,
    readFile: async (path) => {
      read.push(path);
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return text;
    },
    readFolder: async (path) => {
      const names = Object.keys(files)
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1));
      if (names.length === 0) throw new Error(`ENOENT: no such file or directory, scandir '${path}'`);
      return names;
    },
  };
}
