/** What the fake Azure holds, counted: the tour shows it before, in between and after. */
import type { TenantSnapshot } from '../emulator/index.ts';

export type TenantCounts = Readonly<Record<string, number>>;

/** For example `{ applications: 2, 'service principals': 3, … }`. */
export function countTenant(tenant: TenantSnapshot): TenantCounts {
  return {
    applications: tenant.applications.length,
    'service principals': tenant.servicePrincipals.length,
    passwords: [...tenant.applications, ...tenant.servicePrincipals].reduce(
      (sum, { passwords }) => sum + passwords.length,
      0,
    ),
    'role assignments': tenant.roleAssignments.length,
    'group members': tenant.groups.reduce((sum, { members }) => sum + members.length, 0),
  };
}

/** One line, for example `2 applications, 3 service principals, 1 password, …`. */
export const describeCounts = (counts: TenantCounts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${count === 1 ? name.replace(/s$/, '') : name}`)
    .join(', ');
