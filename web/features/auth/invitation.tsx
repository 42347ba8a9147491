import Link from 'next/link';
import { useRouter } from 'next/router';
import { useCallback } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { Loading, Notice } from '@/components/ui/notice';
import { invitationClient } from '@/shared/api/account-clients';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { roleWords } from '@/shared/format/words';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

import { NewAccount } from './sign-up-form';
import { useFragment } from './use-fragment';

export function Invitation() {
  const secret = useFragment();
  if (secret === undefined) return <Loading what={t().invitation.what} />;
  return <Found key={secret} secret={secret} />;
}

// For somebody signed in: accept. For others: a new account, or sign in first.
function Found({ secret }: { secret: string }) {
  const router = useRouter();
  const { session, refresh, choose } = useSession();
  const load = useCallback((signal: AbortSignal) => invitationClient.lookUpInvitation({ secret }, { signal }), [secret]);
  const { value, error } = useLoaded(load);
  const accept = useAction(async () => {
    const { membership } = await invitationClient.acceptInvitation({ secret });
    await refresh();
    if (membership !== undefined) choose(membership.workspaceId);
    await router.replace('/');
  });
  const s = t().invitation;

  if (error !== '') {
    return (
      <>
        <h1 className="text-lg font-semibold tracking-tight">{s.bad}</h1>
        <p className="mt-2 mb-5 text-muted">{s.badNote}</p>
        <ButtonLink href="/">{t().notFound.home}</ButtonLink>
      </>
    );
  }
  if (value === undefined || session.status === 'loading') return <Loading what={s.what} />;
  const title = s.title(value.workspaceName);
  const note = s.note(value.inviterEmail, roleWords(value.role));
  if (session.status === 'signed-in') {
    return (
      <div className="flex flex-col gap-4">
        <div>
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 text-muted">{note}</p>
          <p className="mt-1 text-sm text-muted">{s.as(session.user.email)}</p>
        </div>
        {accept.refusal.message !== '' && <Notice tone="error">{accept.refusal.message}</Notice>}
        <Button look="primary" busy={accept.busy} onClick={accept.run}>
          {s.accept}
        </Button>
      </div>
    );
  }
  return (
    <NewAccount title={title} note={note} email={value.email} invitation={secret} onCreated={() => void router.replace('/')}>
      <p className="text-center text-sm text-muted">
        <Link href="/sign-in" className="text-accent underline underline-offset-2">
          {s.signInFirst}
        </Link>
      </p>
    </NewAccount>
  );
}
