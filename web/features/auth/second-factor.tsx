import { Code, ConnectError } from '@connectrpc/connect';
import { type SubmitEvent, useState } from 'react';

import { Button } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { toast } from '@/components/ui/toast';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import { authClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

// The second step of signing in: a code of the app, or a recovery code.
export function SecondFactor({ onRestart }: { onRestart: () => void }) {
  const { enter } = useSession();
  const [code, setCode] = useState('');
  const [over, setOver] = useState(false);
  const complete = useAction(async () => {
    try {
      const { user, memberships, recoveryCodesLeft } = await authClient.completeSignIn({ code });
      if (recoveryCodesLeft !== undefined) toast(t().twoFactor.codesLeft(recoveryCodesLeft));
      enter(user, memberships);
    } catch (cause) {
      if (ConnectError.from(cause).code === Code.Unauthenticated) setOver(true);
      throw cause;
    }
  });
  const form = useFocusInvalid(complete.refusal);
  const s = t().auth;
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        complete.run();
      }}
    >
      <div>
        <h1 className="text-lg font-semibold tracking-tight">{s.secondStep}</h1>
        <p className="mt-1 text-muted">{s.secondStepNote}</p>
      </div>
      {complete.refusal.message !== '' && <Notice tone="error">{complete.refusal.message}</Notice>}
      <TextField
        label={s.code}
        name="code"
        autoComplete="one-time-code"
        // The step is this one field.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        value={code}
        onValue={setCode}
        error={violationOf(complete.refusal, 'code')}
      />
      <Button type="submit" look="primary" busy={complete.busy} disabled={over}>
        {s.signIn}
      </Button>
      <Button look="quiet" onClick={onRestart}>
        {s.restart}
      </Button>
    </form>
  );
}
