import dynamic from 'next/dynamic';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { LoadFailed, Notice } from '@/components/ui/notice';
import { Section, Skeleton } from '@/components/ui/section';
import { Time } from '@/components/ui/time';
import { twoFactorClient } from '@/shared/api/account-clients';
import { useLoaded } from '@/shared/api/use-loaded';
import { t } from '@/strings';

import { ChangePassword } from './change-password';
import { SettingsFrame } from './settings-frame';

const EnableTwoFactor = dynamic(() => import('./enable-two-factor').then((m) => m.EnableTwoFactor), { ssr: false });
const ConfirmWithCode = dynamic(() => import('./confirm-with-code').then((m) => m.ConfirmWithCode), { ssr: false });

const load = async (signal: AbortSignal) => (await twoFactorClient.getTwoFactor({}, { signal })).twoFactor;

export function Security() {
  return (
    <SettingsFrame>
      <ChangePassword />
      <TwoFactor />
    </SettingsFrame>
  );
}

function TwoFactor() {
  const { value, error, reload } = useLoaded(load);
  const [doing, setDoing] = useState<'enable' | 'disable' | 'codes'>();
  const s = t().twoFactor;
  const done = () => {
    setDoing(undefined);
    reload();
  };
  return (
    <Section title={s.title} hint={s.hint}>
      {error !== '' && <LoadFailed error={error} onRetry={reload} />}
      {value === undefined && error === '' && <Skeleton className="h-10" />}
      {value !== undefined && !value.enabled && (
        <Button look="primary" onClick={() => setDoing('enable')}>
          {s.enable}
        </Button>
      )}
      {value?.enabled === true && (
        <>
          <Notice tone={value.recoveryCodesLeft < 3 ? 'warning' : 'ok'}>
            {s.on} <Time time={value.enabledAt} form="day" />. {s.codesLeft(value.recoveryCodesLeft)}
          </Notice>
          <div className="mt-4 flex flex-wrap gap-2">
            <Button onClick={() => setDoing('codes')}>{s.newCodes}</Button>
            <Button look="caution" onClick={() => setDoing('disable')}>
              {s.disable}
            </Button>
          </div>
        </>
      )}
      {doing === 'enable' && <EnableTwoFactor onClose={done} />}
      {(doing === 'disable' || doing === 'codes') && <ConfirmWithCode purpose={doing} onClose={done} />}
    </Section>
  );
}
