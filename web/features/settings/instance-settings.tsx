import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { toast } from '@/components/ui/toast';
import { SignUpPolicy } from '@/gen/openseer/v1/auth_service_pb';
import { instanceClient } from '@/shared/api/client';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { SettingsFrame } from './settings-frame';

const load = async (signal: AbortSignal) => (await instanceClient.getInstance({}, { signal })).instance;

const policies = [
  { value: SignUpPolicy.CLOSED, key: 'closed' },
  { value: SignUpPolicy.INVITATION, key: 'invitation' },
  { value: SignUpPolicy.OPEN, key: 'open' },
] as const;

// What concerns everybody on this installation.
export function InstanceSettings() {
  const { user } = useSignedIn();
  const { value, error, reload } = useLoaded(load);
  const save = useAction(async (signUp: SignUpPolicy) => {
    await instanceClient.updateInstance({ signUp });
    toast(t().settings.saved);
    reload();
  });
  const s = t().instance;
  if (!user.instanceOwner) {
    return (
      <SettingsFrame>
        <Notice tone="info">{s.ownerOnly}</Notice>
      </SettingsFrame>
    );
  }
  return (
    <SettingsFrame>
      <Section title={s.signUp} hint={s.signUpHint}>
        {error !== '' && <LoadFailed error={error} onRetry={reload} />}
        {save.refusal.message !== '' && <Notice tone="error">{save.refusal.message}</Notice>}
        {value === undefined && error === '' && <Loading what={s.signUp} />}
        {value !== undefined && (
          <fieldset className="flex flex-col gap-2" disabled={save.busy}>
            <legend className="sr-only">{s.signUp}</legend>
            {policies.map(({ value: policy, key }) => (
              <div
                key={key}
                className="relative flex items-start gap-3 rounded-lg border border-line px-3.5 py-2.5 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft"
              >
                <input
                  id={`sign-up-${key}`}
                  type="radio"
                  name="sign-up"
                  className="mt-1 size-4 shrink-0 accent-(--accent)"
                  aria-describedby={`sign-up-${key}-note`}
                  checked={value.signUp === policy}
                  onChange={() => save.run(policy)}
                />
                <div>
                  <label htmlFor={`sign-up-${key}`} className="cursor-pointer font-medium after:absolute after:inset-0">
                    {s.policies[key]}
                  </label>
                  <p id={`sign-up-${key}-note`} className="text-sm text-muted">
                    {s.policyNotes[key]}
                  </p>
                </div>
              </div>
            ))}
          </fieldset>
        )}
      </Section>
      {value !== undefined && (
        <Section title={s.about}>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
            <dt className="text-muted">{s.version}</dt>
            <dd>{value.version}</dd>
            <dt className="text-muted">API</dt>
            <dd className="break-all">{value.apiUrl === '' ? '–' : value.apiUrl}</dd>
            <dt className="text-muted">{s.mail}</dt>
            <dd>{value.passwordResetByMail ? s.mailOn : s.mailOff}</dd>
          </dl>
        </Section>
      )}
    </SettingsFrame>
  );
}
