import { type SubmitEvent, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { PasswordField, TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { twoFactorClient } from '@/shared/api/account-clients';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useSession } from '@/shared/session/session';
import { t } from '@/strings';

import { RecoveryCodes } from './recovery-codes';

// Turning it off, or new recovery codes: both want the password and a code.
export function ConfirmWithCode({ purpose, onClose }: { purpose: 'disable' | 'codes'; onClose: () => void }) {
  const { refresh } = useSession();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<string[]>();
  const go = useAction(async () => {
    if (purpose === 'codes') {
      setCodes((await twoFactorClient.replaceRecoveryCodes({ password, code })).recoveryCodes);
      return;
    }
    await twoFactorClient.disableTwoFactor({ password, code });
    await refresh();
    onClose();
  });
  const s = t().twoFactor;
  return (
    <Dialog title={codes !== undefined ? s.codesTitle : purpose === 'disable' ? s.disable : s.newCodes} onClose={onClose}>
      {codes !== undefined ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : (
        <form
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event: SubmitEvent) => {
            event.preventDefault();
            go.run();
          }}
        >
          {go.refusal.message !== '' && <Notice tone="error">{go.refusal.message}</Notice>}
          <PasswordField label={t().auth.password} autoComplete="current-password" value={password} onValue={setPassword} error={violationOf(go.refusal, 'password')} />
          <TextField label={s.codeOrRecovery} autoComplete="one-time-code" value={code} onValue={setCode} error={violationOf(go.refusal, 'code')} />
          <Button type="submit" look={purpose === 'disable' ? 'danger' : 'primary'} busy={go.busy}>
            {purpose === 'disable' ? s.disable : s.newCodes}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
