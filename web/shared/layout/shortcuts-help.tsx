import { Dialog } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/section';
import { useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { destinations } from './navigation';

export function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const { user, canEdit } = useSignedIn();
  const s = t().shortcuts;
  const rows: [string, string[]][] = [
    [s.palette, [t().nav.paletteKey]],
    [s.search, ['/']],
    ...destinations(user.instanceOwner).map(({ text, key }): [string, string[]] => [s.goTo(text), ['g', key]]),
    ...(canEdit ? [[s.create, ['c']] as [string, string[]]] : []),
    [s.chart, ['←', '→']],
    [s.help, ['?']],
    [s.close, ['Esc']],
  ];
  return (
    <Dialog title={s.title} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2">
        {rows.map(([what, keys]) => (
          <div key={what} className="contents">
            <dt>{what}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
