/** How a group looks in Graph. */
import type { Group } from '../state/groups.ts';
import type { ResourceKind } from './properties.ts';

export const GROUP_KIND: ResourceKind<Group> = {
  name: 'Group',
  collection: 'groups',
  odataType: '#microsoft.graph.group',
  properties: {
    id: (group) => group.id,
    deletedDateTime: () => null,
    createdDateTime: (group) => group.createdAt.toISOString(),
    description: (group) => group.description,
    displayName: (group) => group.displayName,
    groupTypes: (group) => group.groupTypes,
    isAssignableToRole: (group) => (group.isAssignableToRole ? true : null),
    mail: () => null,
    mailEnabled: (group) => group.isMailEnabled,
    mailNickname: (group) => group.displayName.replaceAll(/\s/g, ''),
    onPremisesSyncEnabled: () => null,
    renewedDateTime: (group) => group.createdAt.toISOString(),
    securityEnabled: (group) => group.isSecurityEnabled,
    visibility: () => null,
  },
  filterable: [
    'id',
    'createdDateTime',
    'displayName',
    'groupTypes',
    'mailEnabled',
    'securityEnabled',
    'isAssignableToRole',
  ],
};
