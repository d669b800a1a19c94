/** Whether two ids of Entra ID or of its directory are the same: whoever wrote them chose the case. */

/** Object ids, key ids, tenant ids, and the domain names that may stand for the latter. */
export function isSameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
