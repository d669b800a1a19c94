/** The Azure secrets engine: joins its paths, lease kinds and minute work into a backend. */
import { CancelledError } from '../../errors.ts';
import { createFrameworkBackend, type Path, WAL_PREFIX } from '../../framework/index.ts';
import type { Backend, BackendDependencies, BackendFactory } from '../../logical/index.ts';
import { CONFIG_KEY } from './model-config.ts';
import { ROLES_PREFIX } from './model-role.ts';
import { STATIC_CREDS_PREFIX, STATIC_ROLES_PREFIX } from './model-static.ts';
import { OPERATIONS_PREFIX } from './model-tracking.ts';
import { AzureMount, type MountOptions } from './mount.ts';
import { configPath } from './path-config.ts';
import { type AzureSecretTypes, createSecretTypes, credsPath } from './path-creds.ts';
import { rolePaths } from './path-roles.ts';
import { rotateRootPath } from './path-rotate-root.ts';
import { staticCredsPaths } from './path-static-creds.ts';
import { staticRolePaths } from './path-static-roles.ts';
import { PeriodicWork } from './periodic.ts';
import { rotateForHost } from './steps-rotate-on-schedule.ts';
import { rollBackForeignEntry } from './wal-rollback.ts';

/** An entry of a Go plugin may belong to a request that it is still working on. */
const FOREIGN_ENTRY_MIN_AGE_SECONDS = 600;

const HELP =
  'The Azure secrets engine makes service principals, or passwords of existing applications, on request and removes them when their lease ends.\n\nWrite the identity that it works with to config, what credentials may do to roles/<name>, and read credentials from creds/<name>. A static role keeps one secret of an existing application and rotates it: static-roles/<name>, static-creds/<name>.';

/** Makes mounts of the engine. Making one calls nothing outside. */
export function createAzureBackendFactory(options: MountOptions): BackendFactory {
  return (dependencies) => createAzureBackend(dependencies, options);
}

function createAzureBackend(dependencies: BackendDependencies, options: MountOptions): Backend {
  const mount = new AzureMount(dependencies, options);
  const secretTypes = createSecretTypes(mount);
  const periodicWork = new PeriodicWork(mount);
  return createFrameworkBackend(
    {
      help: HELP,
      paths: azurePaths(mount, secretTypes),
      secretTypes: Object.values(secretTypes),
      specialPaths: {
        localStorage: [WAL_PREFIX, OPERATIONS_PREFIX],
        sealWrapStorage: [CONFIG_KEY, STATIC_CREDS_PREFIX],
      },
      invalidate: (storageKey) => invalidate(mount, storageKey),
      cleanup: () => mount.close(new CancelledError('the mount is closing')),
      periodic: (request) => periodicWork.run(request),
      rotate: (request) => rotateForHost(mount, request),
      walRollback: {
        minAgeSeconds: FOREIGN_ENTRY_MIN_AGE_SECONDS,
        rollback: (entry, request) => rollBackForeignEntry(mount, entry, request),
      },
    },
    dependencies,
  );
}

/** The route table, also of the generated reference. */
export function azurePaths(mount: AzureMount, secretTypes: AzureSecretTypes): Path[] {
  return [
    ...rolePaths(mount),
    configPath(mount),
    credsPath(mount, secretTypes),
    rotateRootPath(mount),
    ...staticRolePaths(mount),
    ...staticCredsPaths(mount),
  ];
}

function invalidate(mount: AzureMount, storageKey: string): void {
  const { configs, roles, staticRoles, staticCreds } = mount.stores;
  if (storageKey === CONFIG_KEY) configs.drop('');
  if (storageKey.startsWith(ROLES_PREFIX)) roles.drop(storageKey.slice(ROLES_PREFIX.length));
  if (storageKey.startsWith(STATIC_ROLES_PREFIX)) staticRoles.drop(storageKey.slice(STATIC_ROLES_PREFIX.length));
  if (storageKey.startsWith(STATIC_CREDS_PREFIX)) staticCreds.drop(storageKey.slice(STATIC_CREDS_PREFIX.length));
}
