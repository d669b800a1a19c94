/** What is done by one at a time within a mount: the keys of its lock. */

/** Reading, changing and writing the stored config. */
export const CONFIG_LOCK = 'config';

/** Reading, changing and writing a role. */
export function roleLock(roleName: string): string {
  return `role/${roleName}`;
}

/** A static role and its secrets: writing, rotating, deleting, the work of the minute. */
export function staticRoleLock(roleName: string): string {
  return `static-role/${roleName}`;
}

/** A rotation of the root secret, from its decision to its end. */
export const ROTATION_LOCK = 'rotation';

/** Password changes of one application: Graph refuses concurrent ones. Its id may be spelt in any case. */
export function applicationLock(applicationObjectId: string): string {
  return `application/${applicationObjectId.toLowerCase()}`;
}

/** The work of each minute. */
export const MINUTE_LOCK = 'minute';

/** A record of what is left: written anew by a revocation, worked off by the minute work. */
export function leftoverLock(leftoverId: string): string {
  return `leftover/${leftoverId}`;
}
