/** Whether an API path is one of the special ones. Source: Vault SDK framework/openapi.go, specialPathMatch. */

/**
 * Special paths are exact, prefixes with a trailing `*`, or hold `+` for one whole segment. `{name}` in `path` is a
 * segment like any other.
 */
export function isSpecialPath(path: string, specialPaths: readonly string[]): boolean {
  return specialPaths.some((specialPath) => {
    if (specialPath === path) return true;
    if (specialPath.endsWith('*') && path.startsWith(specialPath.slice(0, -1))) return true;
    return specialPath.includes('+') && matchesSegments(path.split('/'), specialPath.split('/'));
  });
}

function matchesSegments(segments: readonly string[], patterns: readonly string[]): boolean {
  for (const [index, pattern] of patterns.entries()) {
    const segment = segments[index];
    if (segment === undefined) return false;
    if (pattern.endsWith('*') && segment.startsWith(pattern.slice(0, -1))) return true;
    if (pattern !== '+' && pattern !== segment) return false;
  }
  return segments.length === patterns.length;
}
