import { Code } from '@connectrpc/connect';
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';

import { type Membership, Role, type User } from '@/gen/openseer/v1/auth_service_pb';
import { authClient, sessionEnded, userClient } from '@/shared/api/client';
import { describeError, isCode } from '@/shared/api/errors';
import { t } from '@/strings';

const storedWorkspace = 'openseer-workspace';

export interface SignedIn {
  status: 'signed-in';
  user: User;
  memberships: Membership[];
  // The workspace that is shown, and what the user may do in it.
  workspaceId: string;
  workspaceName: string;
  role: Role;
  canEdit: boolean;
  canAdminister: boolean;
}

// `left` by pressing Sign out, rather than not signed in or not any more.
type Session = { status: 'loading' } | { status: 'signed-out'; left: boolean } | { status: 'failed'; error: string } | SignedIn;

interface SessionContext {
  session: Session;
  // With what SignUp or SignIn answered.
  enter: (user: User | undefined, memberships: Membership[]) => void;
  leave: () => Promise<void>;
  // Shows another of the user's workspaces.
  choose: (workspaceId: string) => void;
  // Asks anew who is signed in, after a change of the account.
  refresh: () => Promise<void>;
  retry: () => void;
}

const Context = createContext<SessionContext | undefined>(undefined);

// Asks once who is signed in; sign-in, sign-out and an ended session change it.
export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session>({ status: 'loading' });
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    userClient.getCurrentUser({}, { signal: abort.signal }).then(
      ({ user, memberships }) => setSession(signedIn(user, memberships)),
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        setSession(
          isCode(cause, Code.Unauthenticated) ? { status: 'signed-out', left: false } : { status: 'failed', error: describeError(cause) },
        );
      },
    );
    return () => abort.abort();
  }, [round]);

  useEffect(() => {
    const onEnded = () => setSession({ status: 'signed-out', left: false });
    sessionEnded.addEventListener('ended', onEnded);
    return () => sessionEnded.removeEventListener('ended', onEnded);
  }, []);

  const enter = useCallback((user: User | undefined, memberships: Membership[]) => setSession(signedIn(user, memberships)), []);
  const leave = useCallback(async () => {
    await authClient.signOut({});
    setSession({ status: 'signed-out', left: true });
  }, []);
  const choose = useCallback((workspaceId: string) => {
    localStorage.setItem(storedWorkspace, workspaceId);
    setSession((was) => (was.status === 'signed-in' ? signedIn(was.user, was.memberships) : was));
  }, []);
  const refresh = useCallback(async () => {
    const { user, memberships } = await userClient.getCurrentUser({});
    setSession(signedIn(user, memberships));
  }, []);
  const retry = useCallback(() => {
    setSession({ status: 'loading' });
    setRound((n) => n + 1);
  }, []);

  return <Context value={{ session, enter, leave, choose, refresh, retry }}>{children}</Context>;
}

export function useSession(): SessionContext {
  const context = use(Context);
  if (context === undefined) throw new Error('useSession outside of SessionProvider');
  return context;
}

// For what is rendered only below RequireSession.
export function useSignedIn(): SignedIn {
  const { session } = useSession();
  if (session.status !== 'signed-in') throw new Error('useSignedIn without a session');
  return session;
}

function signedIn(user: User | undefined, memberships: Membership[]): Session {
  const chosen = localStorage.getItem(storedWorkspace);
  const membership = memberships.find(({ workspaceId }) => workspaceId === chosen) ?? memberships[0];
  if (user === undefined || membership === undefined) {
    return { status: 'failed', error: t().session.noWorkspace };
  }
  return {
    status: 'signed-in',
    user,
    memberships,
    workspaceId: membership.workspaceId,
    workspaceName: membership.workspaceName,
    role: membership.role,
    canEdit: membership.role >= Role.EDITOR,
    canAdminister: membership.role >= Role.ADMIN,
  };
}
