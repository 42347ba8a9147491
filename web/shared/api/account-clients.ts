import { createClient } from '@connectrpc/connect';

import { ApiTokenService } from '@/gen/openseer/v1/api_token_service_pb';
import { AuditService } from '@/gen/openseer/v1/audit_service_pb';
import { InvitationService } from '@/gen/openseer/v1/invitation_service_pb';
import { SessionService } from '@/gen/openseer/v1/session_service_pb';
import { TwoFactorService } from '@/gen/openseer/v1/two_factor_service_pb';
import { WorkspaceService } from '@/gen/openseer/v1/workspace_service_pb';

import { transport } from './client';

// Apart from the others: only the pages of accounts load these.
export const sessionClient = createClient(SessionService, transport);
export const twoFactorClient = createClient(TwoFactorService, transport);
export const apiTokenClient = createClient(ApiTokenService, transport);
export const workspaceClient = createClient(WorkspaceService, transport);
export const invitationClient = createClient(InvitationService, transport);
export const auditClient = createClient(AuditService, transport);
