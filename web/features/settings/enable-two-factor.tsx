import { type SubmitEvent, useMemo, useState } from 'react';
import { encode } from 'uqr';

import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { PasswordField, TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import type { BeginTwoFactorResponse } from '@/gen/openseer/v1/two_factor_service_pb';
import { twoFactorClient } from '@/shared/api/account-clients';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

import { RecoveryCodes } from './recovery-codes';

// Three steps: the password, a code of the app that has scanned the secret, and
// the recovery codes.
export function EnableTwoFactor({ onClose }: { onClose: () => void }) {
  const { refresh } = useSession();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [begun, setBegun] = useState<BeginTwoFactorResponse>();
  const [codes, setCodes] = useState<string[]>();
  const begin = useAction(async () => setBegun(await twoFactorClient.beginTwoFactor({ password })));
  const confirm = useAction(async () => {
    setCodes((await twoFactorClient.confirmTwoFactor({ code })).recoveryCodes);
    await refresh();
  });
  const s = t().twoFactor;
  const submit = (run: () => void) => (event: SubmitEvent) => {
    event.preventDefault();
    run();
  };

  if (codes !== undefined) {
    return (
      <Dialog title={s.codesTitle} onClose={onClose}>
        <RecoveryCodes codes={codes} onDone={onClose} />
      </Dialog>
    );
  }
  if (begun === undefined) {
    return (
      <Dialog title={s.enable} description={s.passwordFirst} onClose={onClose}>
        <form noValidate onSubmit={submit(begin.run)} className="flex flex-col gap-4">
          {begin.refusal.message !== '' && <Notice tone="error">{begin.refusal.message}</Notice>}
          <PasswordField label={t().auth.password} autoComplete="current-password" value={password} onValue={setPassword} error={violationOf(begin.refusal, 'password')} />
          <Button type="submit" look="primary" busy={begin.busy}>
            {s.next}
          </Button>
        </form>
      </Dialog>
    );
  }
  return (
    <Dialog title={s.scanTitle} description={s.scan} onClose={onClose}>
      <form noValidate onSubmit={submit(confirm.run)} className="flex flex-col gap-4">
        <QrCode text={begun.otpauthUri} />
        <p className="text-center text-sm">
          <span className="text-muted">{s.typeIt}</span>
          <br />
          <code className="font-mono select-all">{begun.secret}</code>
        </p>
        {confirm.refusal.message !== '' && <Notice tone="error">{confirm.refusal.message}</Notice>}
        <TextField label={s.code} inputMode="numeric" autoComplete="one-time-code" value={code} onValue={setCode} error={violationOf(confirm.refusal, 'code')} />
        <Button type="submit" look="primary" busy={confirm.busy}>
          {s.confirm}
        </Button>
      </form>
    </Dialog>
  );
}

// Dark on white in both themes: cameras expect it.
function QrCode({ text }: { text: string }) {
  const { data, size } = useMemo(() => encode(text, { border: 2 }), [text]);
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg viewBox={`0 0 ${size} ${size}`} className="mx-auto size-52 rounded-lg bg-white" role="img" aria-label={t().twoFactor.qr} shapeRendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}
