import { useState } from 'react';

import { SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { instanceClient } from '@/shared/api/client';
import { useLoaded } from '@/shared/api/use-loaded';
import { Checkbox } from '@/shared/ui/field';
import { LoadFailed, Loading, Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { useAction } from '@/shared/ui/use-action';

const load = async (signal: AbortSignal) => (await instanceClient.getInstance({}, { signal })).instance;

// For the owner of the instance alone.
export function InstanceSettings() {
  const { value: loaded, error, reload } = useLoaded(load);
  const [changed, setChanged] = useState<typeof loaded>();
  const update = useAction(async (open: boolean) => {
    const signUp = open ? SignUpPolicy.OPEN : SignUpPolicy.CLOSED;
    setChanged((await instanceClient.updateInstance({ signUp })).instance);
  });
  const instance = changed ?? loaded;

  return (
    <Section title="Instance">
      {instance !== undefined && (
        <>
          <Checkbox
            label="Open sign-up"
            hint="Anybody who can reach this page may create an account with a workspace of its own."
            checked={instance.signUp === SignUpPolicy.OPEN}
            disabled={update.busy}
            onChecked={update.run}
          />
          <p className="mt-3 text-sm text-muted">OpenSeer {instance.version}</p>
        </>
      )}
      {instance === undefined && (error === '' ? <Loading what="the settings" /> : <LoadFailed error={error} onRetry={reload} />)}
      {update.refusal.message !== '' && <Notice tone="error">{update.refusal.message}</Notice>}
    </Section>
  );
}
