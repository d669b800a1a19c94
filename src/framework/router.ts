/** Which path serves a request: the first in declaration order whose pattern matches. */
import { InvariantError, errorMessage } from '../errors.ts';
import type { Path } from './path.ts';

export interface RouteMatch {
  readonly path: Path;
  /** Every named group; '' for one that took no part in the match. */
  readonly captures: ReadonlyMap<string, string>;
}

export type Router = (requestPath: string) => RouteMatch | undefined;

/** @throws InvariantError when JavaScript refuses a pattern, for example for a group name used twice. */
export function createRouter(paths: readonly Path[]): Router {
  const routes = paths.map((path) => ({ path, expression: compile(path) }));
  return (requestPath) => {
    for (const { path, expression } of routes) {
      const match = expression.exec(requestPath);
      if (match === null) continue;
      const groups = Object.entries<string | undefined>(match.groups ?? {});
      return { path, captures: new Map(groups.map(([name, value]) => [name, value ?? ''])) };
    }
    return undefined;
  };
}

function compile(path: Path): RegExp {
  try {
    // No flags: `u` and `v` refuse classes such as `[\w-.]`, `m` would move the anchors.
    return new RegExp(path.tree.source);
  } catch (error) {
    throw new InvariantError(`path pattern ${path.pattern}: ${errorMessage(error)}`, { cause: error });
  }
}
