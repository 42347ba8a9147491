import type { MessageInitShape } from '@bufbuild/protobuf';

import type { BulkUpdateMonitorsRequestSchema } from '@/gen/openseer/v1/monitor_service_pb';
import { monitorClient } from '@/shared/api/client';

// As many as one call takes; each call is done whole or not at all.
const mostAtOnce = 1000;

export type BulkAction = NonNullable<MessageInitShape<typeof BulkUpdateMonitorsRequestSchema>['action']>;

export async function changeMonitors(workspaceId: string, ids: readonly string[], action: BulkAction): Promise<void> {
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    await monitorClient.bulkUpdateMonitors({ workspaceId, monitorIds: ids.slice(at, at + mostAtOnce), action });
  }
}
