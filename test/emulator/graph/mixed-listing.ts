/** Collections whose items are of more than one kind: members, owners, groups of a principal. */
import type { EmulatorReply } from '../server/exchange.ts';
import type { DirectoryObject } from '../state/directory-object.ts';
import type { GraphCall } from './call.ts';
import { encodeDirectoryObject } from './directory-objects.ts';
import { baseUrl, buildNextLink, cutPage, readSelect } from './listing.ts';

/** Pages and `$select`; a `$filter` is not taken here. */
export function answerMixedList(call: GraphCall, items: readonly DirectoryObject[]): EmulatorReply {
  const select = readSelect(call);
  const { page, nextAfter } = cutPage(
    call,
    items.map((item) => ({ id: item.object.id, item })),
  );
  return {
    status: 200,
    body: {
      '@odata.context': `${baseUrl(call)}/$metadata#directoryObjects`,
      ...(nextAfter !== undefined && { '@odata.nextLink': buildNextLink(call, nextAfter) }),
      value: page.map(({ item }) => encodeDirectoryObject(item, select)),
    },
  };
}
