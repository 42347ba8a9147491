import { useState } from 'react';

import { t } from '@/strings';

import { Button } from './button';

// A line to be pasted elsewhere.
export function Copyable({ label, text }: { label: string; text: string }) {
  const [outcome, setOutcome] = useState('');
  const copy = () => {
    copyText(text).then(
      () => setOutcome(t().ui.copied),
      () => setOutcome(t().ui.copyByHand),
    );
  };
  return (
    <div>
      <div className="flex flex-col gap-2 sm:flex-row sm:items-center">
        <textarea
          className="control min-w-0 flex-1 bg-sunken font-mono text-sm break-all field-sizing-content"
          aria-label={label}
          readOnly
          rows={3}
          value={text}
          onFocus={(event) => event.target.select()}
        />
        <Button onClick={copy}>{t().ui.copy}</Button>
      </div>
      <p role="status" className="mt-1 min-h-5 text-sm text-muted">
        {outcome}
      </p>
    </div>
  );
}

// The clipboard exists only where the page is served securely or locally.
function copyText(text: string): Promise<void> {
  return 'clipboard' in navigator ? navigator.clipboard.writeText(text) : Promise.reject(new Error('no clipboard'));
}
