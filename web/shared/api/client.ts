import { Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';

import { AuthService, InstanceService, UserService } from '@/gen/openseer/v1/auth_service_pb';
import { DashboardService } from '@/gen/openseer/v1/dashboard_service_pb';
import { MetricsService } from '@/gen/openseer/v1/metrics_service_pb';
import { MonitorService } from '@/gen/openseer/v1/monitor_service_pb';
import { WorkerService } from '@/gen/openseer/v1/worker_service_pb';

// Fires when the server no longer knows the session: the cookie ran out, or
// the session was ended elsewhere.
export const sessionEnded = new EventTarget();

const noticeEndedSession: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (cause) {
    const error = ConnectError.from(cause);
    if (error.code === Code.Unauthenticated && request.service.typeName !== AuthService.typeName) {
      sessionEnded.dispatchEvent(new Event('ended'));
    }
    throw error;
  }
};

export const transport = createConnectTransport({
  baseUrl: '/api',
  useBinaryFormat: true,
  defaultTimeoutMs: 20_000,
  interceptors: [noticeEndedSession],
});

export const authClient = createClient(AuthService, transport);
export const userClient = createClient(UserService, transport);
export const instanceClient = createClient(InstanceService, transport);
export const monitorClient = createClient(MonitorService, transport);
export const metricsClient = createClient(MetricsService, transport);
export const dashboardClient = createClient(DashboardService, transport);
export const workerClient = createClient(WorkerService, transport);
