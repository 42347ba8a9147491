import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type ReactNode, useState } from 'react';

import { Sparkline } from '@/components/charts/sparkline';
import { BarsLegend, UptimeBars } from '@/components/charts/uptime-bars';
import { Waterfall } from '@/components/charts/waterfall';
import { Button, IconButton, type Look } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { Checkbox, PasswordField, SelectField, TextArea, TextField } from '@/components/ui/field';
import { EditIcon, MoreIcon, PlusIcon } from '@/components/ui/icons';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import { LoadFailed, Loading, Notice } from '@/components/ui/notice';
import { Popover } from '@/components/ui/popover';
import { Empty, Kbd, Section, Skeleton, Stat } from '@/components/ui/section';
import { Segmented } from '@/components/ui/segmented';
import { StateBadge, StateText } from '@/components/ui/state-badge';
import { Switch } from '@/components/ui/switch';
import { cell, headCell, Table } from '@/components/ui/table';
import { Tabs } from '@/components/ui/tabs';
import { Tag } from '@/components/ui/tag';
import { Age, Ago, Time, Until } from '@/components/ui/time';
import { toast, Toasts } from '@/components/ui/toast';
import { UptimeBarSchema } from '@/gen/openseer/v1/metrics_service_pb';
import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { PhasesSchema } from '@/gen/openseer/v1/result_pb';
import { ThemeChoice } from '@/shared/layout/theme-choice';

const looks: Look[] = ['primary', 'plain', 'caution', 'danger', 'quiet'];
const states = [MonitorState.PENDING, MonitorState.UP, MonitorState.DEGRADED, MonitorState.DOWN, MonitorState.NO_DATA, MonitorState.PAUSED];
const tokens = ['bg', 'surface', 'raised', 'sunken', 'hover', 'line', 'line-strong', 'ink', 'muted', 'accent', 'accent-soft', 'up', 'degraded', 'down', 'idle', 'pending', 'p50', 'p95', 'p99'];
const now = Date.now();
const micro = (us: number) => ({ seconds: 0n, nanos: us * 1000 });
const phases = create(PhasesSchema, { dns: micro(1200), connect: micro(8300), tls: micro(17_400), wait: micro(42_000), download: micro(3100), total: micro(96_000) });
const usual = { dns: 1500, connect: 8000, tls: 16_000, wait: 31_000, download: 2900 };
const bars = Array.from({ length: 90 }, (_, index) =>
  create(UptimeBarSchema, index < 12 ? {} : index === 40 ? { missed: 24 } : index === 60 ? { ok: 4, failed: 20 } : index === 61 ? { ok: 20, failed: 3 } : { ok: 24 }),
);

// Every component in every state, for those who build pages. Plain English and
// made-up data: no user sees this page.
export function DesignPage() {
  return (
    <main className="mx-auto flex max-w-5xl flex-col gap-4 p-6">
      <div className="flex items-center justify-between">
        <h1 className="text-xl font-semibold tracking-tight">Design system</h1>
        <ThemeChoice />
      </div>
      <Colours />
      <Buttons />
      <Fields />
      <Choices />
      <Overlays />
      <States />
      <Charts />
      <Messages />
      <Toasts />
    </main>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-3 py-1.5">
      <span className="w-24 text-sm text-muted">{name}</span>
      {children}
    </div>
  );
}

function Colours() {
  return (
    <Section title="Colour and type">
      <ul className="grid grid-cols-4 gap-2 sm:grid-cols-6 lg:grid-cols-10">
        {tokens.map((token) => (
          <li key={token} className="text-xs text-muted">
            <span className="mb-1 block h-9 rounded-md border border-line" style={{ background: `var(--${token})` }} />
            {token}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-xl font-semibold tracking-tight">Page title, text-xl</p>
      <p className="text-lg font-semibold">Figure, text-lg</p>
      <p className="text-base">Body, text-base</p>
      <p className="text-sm text-muted">Note, text-sm in muted</p>
      <p className="font-mono text-sm">Code, font-mono</p>
    </Section>
  );
}

function Buttons() {
  return (
    <Section title="Buttons">
      {looks.map((look) => (
        <Row key={look} name={look}>
          <Button look={look}>Rest</Button>
          <Button look={look}>
            <PlusIcon /> With icon
          </Button>
          <Button look={look} size="sm">
            Small
          </Button>
          <Button look={look} busy>
            Busy
          </Button>
          <Button look={look} disabled>
            Disabled
          </Button>
          <IconButton label={`Edit, ${look}`} look={look}>
            <EditIcon />
          </IconButton>
        </Row>
      ))}
    </Section>
  );
}

function Fields() {
  const [text, setText] = useState('https://example.com');
  return (
    <Section title="Fields">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Rest" hint="A hint says what is meant." value={text} onValue={setText} />
        <TextField label="Wrong" error="It says what is wrong, and how to mend it." value={text} onValue={setText} />
        <TextField label="Disabled" disabled value={text} onValue={setText} />
        <TextField label="Empty" placeholder="Placeholder" value="" onValue={setText} />
        <PasswordField label="Password" value={text} onValue={setText} />
        <SelectField label="Select" options={[{ value: 'a', text: 'First' }, { value: 'b', text: 'Second' }]} value="a" onValue={() => undefined} />
        <div className="sm:col-span-2">
          <TextArea label="Text area" rows={3} value={'{ "a": 1 }'} onValue={() => undefined} />
        </div>
      </div>
    </Section>
  );
}

function Choices() {
  const [on, setOn] = useState(true);
  const [range, setRange] = useState('24');
  return (
    <Section title="Choices">
      <Checkbox label="Checkbox" hint="With a hint." checked={on} onChecked={setOn} />
      <Checkbox label="Disabled checkbox" disabled checked={on} onChecked={setOn} />
      <Switch label="Switch" hint="Takes effect at once." checked={on} onChecked={setOn} />
      <Switch label="Disabled switch" disabled checked={!on} onChecked={setOn} />
      <Row name="Segmented">
        <Segmented label="Range" options={[{ value: '1', text: '1 h' }, { value: '24', text: '24 h' }, { value: '7', text: '7 d' }]} value={range} onValue={setRange} />
      </Row>
    </Section>
  );
}

function Overlays() {
  const [open, setOpen] = useState<'dialog' | 'sheet' | 'confirm'>();
  const close = () => setOpen(undefined);
  return (
    <Section title="Overlays and tabs">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button onClick={() => setOpen('sheet')}>Sheet</Button>
        <Button onClick={() => setOpen('confirm')}>Confirmation</Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuItem icon={<EditIcon />} onSelect={() => undefined}>
            Item
          </MenuItem>
          <MenuItem disabled onSelect={() => undefined}>
            Disabled item
          </MenuItem>
          <MenuSeparator />
          <MenuItem caution onSelect={() => undefined}>
            Dangerous item
          </MenuItem>
        </Menu>
        <Popover label="Popover" trigger={<Button>Popover</Button>}>
          <p className="p-2">Anything.</p>
        </Popover>
        <Button onClick={() => toast('Saved.')}>Toast</Button>
        <Button onClick={() => toast('That did not work.', 'error')}>Error toast</Button>
      </div>
      <div className="mt-4">
        <Tabs
          label="Tabs"
          tabs={[
            { value: 'one', text: 'One', content: 'The first panel.' },
            { value: 'two', text: 'Two', note: <Tag>3</Tag>, content: 'The second panel.' },
          ]}
        />
      </div>
      {open === 'dialog' && (
        <Dialog title="A dialog" description="Says what it is for." onClose={close}>
          <Button onClick={close}>Done</Button>
        </Dialog>
      )}
      {open === 'sheet' && (
        <Dialog title="A sheet" place="edge" onClose={close}>
          <Waterfall phases={phases} />
        </Dialog>
      )}
      {open === 'confirm' && (
        <ConfirmDialog title="Delete it?" confirm="Delete" busy={false} error="The server refused: it is in use." onConfirm={close} onClose={close}>
          This cannot be undone.
        </ConfirmDialog>
      )}
    </Section>
  );
}

function States() {
  const time = timestampFromMs(now - 3_723_000);
  return (
    <Section title="States, tags, times">
      <Row name="Badges">
        {states.map((state) => (
          <StateBadge key={state} state={state} />
        ))}
      </Row>
      <Row name="Text">
        {states.map((state) => (
          <StateText key={state} state={state} />
        ))}
      </Row>
      <Row name="Small parts">
        <Tag>production</Tag>
        <Kbd>Ctrl K</Kbd>
        <IconButton label="More">
          <MoreIcon />
        </IconButton>
      </Row>
      <Row name="Times">
        <Time time={time} /> · <Ago time={time} /> · <Age time={time} /> · <Until time={timestampFromMs(now + 86_400_000)} />
      </Row>
      <dl className="mt-2 flex gap-8">
        <Stat label="Figure" value="99.98 %" note="of 1,440 checks" />
        <Stat label="Another" value="34.1 ms" />
      </dl>
    </Section>
  );
}

function Charts() {
  return (
    <Section title="Charts" aside={<BarsLegend />}>
      <UptimeBars bars={bars} label="90 days" height={32} className="w-full" titleOf={(index) => `Day ${index + 1}`} />
      <div className="mt-4 grid gap-6 sm:grid-cols-2">
        <Waterfall phases={phases} usual={usual} />
        <div>
          <Sparkline latencies={[12, 14, 13, 0, 15, 40, 22, 18, 13, 12, 0, 0, 15, 14].map((ms) => ms * 1000)} className="w-40" />
          <Sparkline latencies={[]} className="mt-4 w-40" />
        </div>
      </div>
    </Section>
  );
}

function Messages() {
  return (
    <Section title="Messages and waiting">
      <div className="flex flex-col gap-2">
        <Notice tone="info">Something to know.</Notice>
        <Notice tone="ok">Something went well.</Notice>
        <Notice tone="warning">Something needs a look.</Notice>
        <LoadFailed error="Something failed; this is how to go on." onRetry={() => undefined} />
        <Loading what="the page" />
        <Skeleton className="h-10" />
        <Table label="Table">
          <thead>
            <tr>
              <th className={headCell}>Name</th>
              <th className={`${headCell} text-right`}>Figure</th>
            </tr>
          </thead>
          <tbody>
            <tr className="border-t border-line">
              <td className={cell}>Row</td>
              <td className={`${cell} text-right`}>1</td>
            </tr>
          </tbody>
        </Table>
        <Empty title="Nothing here yet" action={<Button>Make the first</Button>}>
          It says what would be here.
        </Empty>
      </div>
    </Section>
  );
}
