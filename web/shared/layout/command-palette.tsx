import * as Radix from '@radix-ui/react-dialog';
import { useRouter } from 'next/router';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useState } from 'react';

import { KeyboardIcon, MoonIcon, PlusIcon, SearchIcon, SignOutIcon, SunIcon } from '@/components/ui/icons';
import { StateIcon } from '@/components/ui/state-badge';
import { type MonitorSummary } from '@/gen/openseer/v1/monitor_service_pb';
import { monitorClient } from '@/shared/api/client';
import { setTheme } from '@/shared/preferences/theme';
import { useSession, useSignedIn } from '@/shared/session/session';
import { t } from '@/strings';

import { destinations } from './navigation';

interface Command {
  id: string;
  text: string;
  note?: string;
  icon: ReactNode;
  run: () => void;
}

const mostMonitors = 8;

// Ctrl/Cmd-K: any page, any monitor and the actions that belong to no page.
export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const fixed = useFixedCommands(onHelp);
  const monitors = useMonitors(useDeferredValue(text.trim()));
  const router = useRouter();

  const wanted = text.trim().toLowerCase();
  const commands: Command[] = [
    ...fixed.filter((command) => command.text.toLowerCase().includes(wanted)),
    ...monitors.map((monitor) => ({
      id: `m${monitor.id}`,
      text: monitor.name,
      note: monitor.url,
      icon: <StateIcon state={monitor.state} />,
      run: () => void router.push(`/monitors/${monitor.id}`),
    })),
  ];
  const selected = Math.min(at, commands.length - 1);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && commands.length > 0) setAt((selected + step + commands.length) % commands.length);
    else if (event.key === 'Enter') run(commands[selected]);
    else return;
    event.preventDefault();
  };

  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 animate-fade bg-black/45" aria-hidden="true" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[calc(100%-2rem)] max-w-xl -translate-x-1/2 animate-fade flex-col overflow-hidden outline-none floating"
        >
          <Radix.Title className="sr-only">{t().palette.title}</Radix.Title>
          <div className="flex items-center gap-2.5 border-b border-line px-4">
            <SearchIcon className="size-4 text-muted" />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={commands.length === 0 ? undefined : `${id}-${selected}`}
              aria-label={t().palette.placeholder}
              placeholder={t().palette.placeholder}
              className="min-h-12 flex-1 bg-transparent text-base outline-none"
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKey}
            />
          </div>
          <div id={`${id}-list`} role="listbox" aria-label={t().palette.title} className="overflow-y-auto p-1.5">
            {commands.map((command, index) => (
              // The keyboard stays in the input, which names the selected option.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={command.id}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === selected}
                ref={index === selected ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
                onPointerMove={() => index !== selected && setAt(index)}
                onClick={() => run(command)}
                className="flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 aria-selected:bg-sunken"
              >
                <span className="text-muted">{command.icon}</span>
                <span className="truncate">{command.text}</span>
                {command.note !== undefined && <span className="ml-auto max-w-[45%] truncate text-sm text-muted">{command.note}</span>}
              </div>
            ))}
          </div>
          {commands.length === 0 && <p className="px-4 pb-5 text-center text-muted">{t().palette.nothing}</p>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function useFixedCommands(onHelp: () => void): Command[] {
  const router = useRouter();
  const { user, canEdit } = useSignedIn();
  const { leave } = useSession();
  const s = t().palette;
  const go = (href: string) => () => void router.push(href);
  return [
    ...destinations(user.instanceOwner).map(({ href, text, Icon }) => ({ id: href, text: t().shortcuts.goTo(text), icon: <Icon />, run: go(href) })),
    ...(canEdit ? [{ id: 'new', text: s.addMonitor, icon: <PlusIcon />, run: go('/monitors/new') }] : []),
    { id: 'light', text: s.light, icon: <SunIcon />, run: () => setTheme('light') },
    { id: 'dark', text: s.dark, icon: <MoonIcon />, run: () => setTheme('dark') },
    { id: 'help', text: s.shortcuts, icon: <KeyboardIcon />, run: onHelp },
    { id: 'out', text: t().nav.signOut, icon: <SignOutIcon />, run: () => void leave() },
  ];
}

// Those whose name or URL matches; the server searches.
function useMonitors(search: string): MonitorSummary[] {
  const { workspaceId } = useSignedIn();
  const [found, setFound] = useState<MonitorSummary[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    monitorClient.listMonitors({ workspaceId, search, pageSize: mostMonitors }, { signal: abort.signal }).then(
      ({ monitors }) => setFound(monitors),
      () => undefined,
    );
    return () => abort.abort();
  }, [workspaceId, search]);
  return found;
}
