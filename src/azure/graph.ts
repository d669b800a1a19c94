/** Microsoft Graph as a `DirectoryProvider`. */
import { createApplicationMethods } from './graph-applications.ts';
import type { GraphDependencies } from './graph-call.ts';
import { createGroupMethods } from './graph-groups.ts';
import { createServicePrincipalMethods } from './graph-service-principals.ts';
import type { DirectoryProvider } from './provider.ts';

export function createDirectoryProvider(graph: GraphDependencies): DirectoryProvider {
  return {
    ...createApplicationMethods(graph),
    ...createServicePrincipalMethods(graph),
    ...createGroupMethods(graph),
  };
}
