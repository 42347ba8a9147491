import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { TextArea } from '@/components/ui/field';
import { t } from '@/strings';

import { parseCurl } from './curl';
import type { SpecDraft } from './spec-form';

interface CurlDialogProps {
  onFill: (change: Partial<SpecDraft>, unknown: string[]) => void;
  onClose: () => void;
}

export function CurlDialog({ onFill, onClose }: CurlDialogProps) {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const s = t().form;
  return (
    <Dialog title={s.curlTitle} description={s.curlNote} wide onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // Portals bubble through React's tree: the monitor's form must not be sent.
          event.stopPropagation();
          const read = parseCurl(text);
          if (read === undefined) setError(s.curlUnreadable);
          else onFill(read.change, read.unknown);
        }}
      >
        <TextArea label={s.curlLabel} rows={8} placeholder="curl 'https://example.com/api' -H 'Accept: application/json'" value={text} onValue={setText} error={error} />
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={onClose}>{t().ui.cancel}</Button>
          <Button type="submit" look="primary">
            {s.curlFill}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
