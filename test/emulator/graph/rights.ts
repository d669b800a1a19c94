/** App roles of Microsoft Graph that the routes ask for. */

export const APPLICATION_READ = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
export const APPLICATION_WRITE = ['Application.ReadWrite.All'];
/** Enough for what the caller owns. */
export const APPLICATION_OWNED = ['Application.ReadWrite.OwnedBy'];
export const APP_ROLE_ASSIGNMENT_WRITE = ['AppRoleAssignment.ReadWrite.All'];
export const GROUP_READ = [
  'GroupMember.Read.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
export const GROUP_WRITE = ['Group.ReadWrite.All', 'Directory.ReadWrite.All'];
export const GROUP_MEMBER_WRITE = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
export const ROLE_ASSIGNABLE_GROUP_WRITE = ['RoleManagement.ReadWrite.Directory'];
export const DIRECTORY_READ = [...APPLICATION_READ, ...GROUP_READ, 'Organization.Read.All', 'User.Read.All'];
