import { PasswordField, SelectField, TextField } from '@/components/ui/field';
import { type Refusal, violationOf } from '@/shared/api/errors';
import { t } from '@/strings';

import { type AuthDraft, authSchemes } from './auth-draft';

const plainText = { autoComplete: 'off', spellCheck: false } as const;

interface AuthFieldProps {
  auth: AuthDraft;
  refusal: Refusal;
  onAuth: (auth: AuthDraft) => void;
}

export function AuthField({ auth, refusal, onAuth }: AuthFieldProps) {
  const s = t().form;
  const set = (change: Partial<AuthDraft>) => onAuth({ ...auth, ...change });
  const error = (field: string) => violationOf(refusal, `spec.authentication.${auth.scheme}.${field}`);
  // A secret that is kept need not be typed again.
  const secret = auth.stored === auth.scheme ? { placeholder: s.unchanged } : {};
  return (
    <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
      <div className="sm:col-span-2">
        <SelectField
          label={s.authentication}
          options={authSchemes.map((value) => ({ value, text: s.authSchemes[value] }))}
          value={auth.scheme}
          onValue={(scheme) => set({ scheme })}
        />
      </div>
      {(auth.scheme === 'basic' || auth.scheme === 'digest') && (
        <>
          <TextField {...plainText} label={s.username} value={auth.username} onValue={(username) => set({ username })} error={error('username')} />
          <PasswordField label={s.password} autoComplete="new-password" {...secret} value={auth.password} onValue={(password) => set({ password })} error={error('password')} />
        </>
      )}
      {auth.scheme === 'bearer' && (
        <div className="sm:col-span-2">
          <PasswordField label={s.token} autoComplete="new-password" {...secret} value={auth.token} onValue={(token) => set({ token })} error={error('token')} />
        </div>
      )}
      {auth.scheme === 'oauth2' && (
        <>
          <div className="sm:col-span-2">
            <TextField {...plainText} label={s.tokenUrl} type="url" value={auth.tokenUrl} onValue={(tokenUrl) => set({ tokenUrl })} error={error('token_url')} />
          </div>
          <TextField {...plainText} label={s.clientId} value={auth.clientId} onValue={(clientId) => set({ clientId })} error={error('client_id')} />
          <PasswordField
            label={s.clientSecret}
            autoComplete="new-password"
            {...secret}
            value={auth.clientSecret}
            onValue={(clientSecret) => set({ clientSecret })}
            error={error('client_secret')}
          />
          <TextField {...plainText} label={s.scope} value={auth.scope} onValue={(scope) => set({ scope })} error={error('scope')} />
          <TextField {...plainText} label={s.audience} value={auth.audience} onValue={(audience) => set({ audience })} error={error('audience')} />
        </>
      )}
    </div>
  );
}
