/** The organization, objects by id alone, and what a principal is a member of. */
import { readKey, type GraphCall, type GraphRoute } from './call.ts';
import { encodeDirectoryObject, requireDirectoryObject } from './directory-objects.ts';
import { baseUrl, readSelect } from './listing.ts';
import { answerMixedList } from './mixed-listing.ts';
import { APPLICATION_READ, DIRECTORY_READ } from './rights.ts';
import { requireServicePrincipal } from './service-principals.ts';

export const DIRECTORY_ROUTES: readonly GraphRoute[] = [
  { method: 'GET', path: '/organization', rights: DIRECTORY_READ, answer: listOrganizations },
  {
    method: 'GET',
    path: '/directoryObjects/{}',
    rights: DIRECTORY_READ,
    answer: (call) => ({
      status: 200,
      body: {
        '@odata.context': `${baseUrl(call)}/$metadata#directoryObjects/$entity`,
        ...encodeDirectoryObject(requireDirectoryObject(call, readKey(call, 0).value), readSelect(call)),
      },
    }),
  },
  ...['memberOf', 'transitiveMemberOf'].map((name): GraphRoute => ({
    method: 'GET',
    path: `/servicePrincipals/{}/${name}`,
    rights: APPLICATION_READ,
    answer: (call) => {
      const { id } = requireServicePrincipal(call, readKey(call, 0));
      const groups = call.emulation.tenant.listGroupsOf(id, call.request.view);
      return answerMixedList(
        call,
        groups.map((group) => ({ kind: 'group', object: group })),
      );
    },
  })),
];

function listOrganizations(call: GraphCall): { status: number; body: object } {
  const { tenant } = call.emulation;
  const domain = { capabilities: 'Email', isDefault: true, isInitial: true, name: tenant.domain, type: 'Managed' };
  return {
    status: 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#organization`,
      value: [
        {
          id: tenant.id,
          displayName: tenant.displayName,
          tenantType: 'AAD',
          verifiedDomains: [domain],
          assignedPlans: [],
        },
      ],
    },
  };
}
