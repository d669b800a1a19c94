/** Compares answers of the Azure engine with what its route tables say of them. */
import { azurePaths } from '../../src/engines/azure/backend.ts';
import type { AzureMount } from '../../src/engines/azure/mount.ts';
import { createSecretTypes } from '../../src/engines/azure/path-creds.ts';
import { createRouter } from '../../src/framework/router.ts';
import type { Response } from '../../src/logical/index.ts';

/** @throws Error when an answer holds what its path does not document. Lists and leases have no table of their own. */
export type CheckAnswer = (operation: string, path: string, response: Response | undefined) => void;

export function createAnswerCheck(mount: AzureMount): CheckAnswer {
  const route = createRouter(azurePaths(mount, createSecretTypes(mount)));
  return (operation, path, response) => {
    const details = route(path)?.path.operations.get(operation);
    if (details === undefined || operation === 'list') return;
    const documented = (details.responses ?? []).flatMap(({ fields }) => Object.keys(fields ?? {}));
    const unknown = Object.keys(response?.data ?? {}).filter((name) => !documented.includes(name));
    if (unknown.length > 0) throw new Error(`${operation} ${path} answers undocumented fields: ${unknown.join(', ')}`);
  };
}
