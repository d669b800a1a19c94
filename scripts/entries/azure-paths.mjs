// The route tables of the Azure engine as data. Run through lib/load-source.mjs, which makes JavaScript of its imports.
import { azurePaths } from '../../src/engines/azure/backend.ts';
import { createSecretTypes } from '../../src/engines/azure/path-creds.ts';
import { describePaths } from '../../src/framework/index.ts';

/** Tables are made without touching the mount; only their handlers would. */
const mount = {};

export const descriptions = describePaths(azurePaths(mount, createSecretTypes(mount)));
