/** An object of any kind. */
import type { Application } from './applications.ts';
import type { Group } from './groups.ts';
import type { ServicePrincipal } from './service-principals.ts';

export type DirectoryObject =
  | { readonly kind: 'application'; readonly object: Application }
  | { readonly kind: 'servicePrincipal'; readonly object: ServicePrincipal }
  | { readonly kind: 'group'; readonly object: Group };
