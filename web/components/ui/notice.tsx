import type { ReactNode } from 'react';

import { t } from '@/strings';

import { Button } from './button';
import { DegradedIcon, DownIcon, InfoIcon, UpIcon } from './icons';

type Tone = 'info' | 'ok' | 'warning' | 'error';

const tones: Readonly<Record<Tone, { color: string; icon: ReactNode }>> = {
  info: { color: 'text-pending', icon: <InfoIcon className="mt-0.5 size-4.5" /> },
  ok: { color: 'text-up', icon: <UpIcon className="mt-0.5 size-4.5" /> },
  warning: { color: 'text-degraded', icon: <DegradedIcon className="mt-0.5 size-4.5" /> },
  error: { color: 'text-down', icon: <DownIcon className="mt-0.5 size-4.5" /> },
};

export function Notice({ tone, children, action }: { tone: Tone; children: ReactNode; action?: ReactNode }) {
  const { color, icon } = tones[tone];
  return (
    <div className={`flex items-start gap-2.5 rounded-lg px-3 py-2 tinted ${color}`} role={tone === 'error' ? 'alert' : 'status'}>
      {icon}
      <div className="min-w-0 flex-1 text-ink">{children}</div>
      {action}
    </div>
  );
}

// What a part of the page shows when it could not be loaded.
export function LoadFailed({ error, onRetry }: { error: string; onRetry: () => void }) {
  return (
    <Notice tone="error" action={<Button onClick={onRetry}>{t().ui.tryAgain}</Button>}>
      {error}
    </Notice>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="animate-late py-10 text-center text-muted">
      {t().ui.loading(what)}
    </div>
  );
}
