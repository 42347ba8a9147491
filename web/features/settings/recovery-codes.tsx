import { Button } from '@/components/ui/button';
import { Copyable } from '@/components/ui/copyable';
import { Notice } from '@/components/ui/notice';
import { t } from '@/strings';

export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const s = t().twoFactor;
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warning">{s.codesNote}</Notice>
      <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-lg bg-sunken px-4 py-3 font-mono" aria-label={s.codesTitle}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Copyable label={s.codesTitle} text={codes.join('\n')} />
      <Button look="primary" onClick={onDone}>
        {s.stored}
      </Button>
    </div>
  );
}
