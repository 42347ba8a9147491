import { Component, type ReactNode } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { t } from '@/strings';

import { PlainPage } from './plain-page';

// A bug in a page takes that page down, and says so; another page starts anew.
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const s = t().crash;
    return (
      <PlainPage title={s.title}>
        <h1 className="text-lg font-semibold tracking-tight">{s.title}</h1>
        <p className="mt-2 mb-5 text-muted">{s.note}</p>
        <div className="flex gap-2">
          <Button look="primary" onClick={() => window.location.reload()}>
            {s.reload}
          </Button>
          <ButtonLink href="/">{t().notFound.home}</ButtonLink>
        </div>
      </PlainPage>
    );
  }
}
