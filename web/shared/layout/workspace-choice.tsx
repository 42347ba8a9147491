import { useSession, useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

// Which workspace is shown; only for those who belong to several.
export function WorkspaceChoice() {
  const { choose } = useSession();
  const { memberships, workspaceId, workspaceName } = useSignedIn();
  if (memberships.length < 2) return <p className="mt-2 truncate px-1.5 text-sm text-muted" title={workspaceName}>{workspaceName}</p>;
  return (
    <select aria-label={t().nav.workspace} className="mt-2 min-h-8 py-1 text-sm control" value={workspaceId} onChange={(event) => choose(event.target.value)}>
      {memberships.map((membership) => (
        <option key={membership.workspaceId} value={membership.workspaceId}>
          {membership.workspaceName}
        </option>
      ))}
    </select>
  );
}
