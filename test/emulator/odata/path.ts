/** Reads OData paths: `/applications(appId='…')/addPassword` into segments. */

/** A literal segment or, from parentheses or a place holder, a key. */
export type Segment = string | { readonly keyName: string; readonly value: string };

const KEYED = /^([^()]+)\((?:([A-Za-z]\w*)=)?(?:'((?:[^']|'')*)'|([^'()]*))\)$/;

/** @param path percent-encoded, starts with a slash. Malformed escapes stay as they are. */
export function parseODataPath(path: string): readonly Segment[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .flatMap((part): readonly Segment[] => {
      const text = decode(part);
      const match = KEYED.exec(text);
      if (match === null) return [text];
      const [, name = '', keyName = 'id', quoted, bare = ''] = match;
      return [name, { keyName, value: quoted?.replaceAll("''", "'") ?? bare }];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
