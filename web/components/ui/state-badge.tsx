import type { ComponentType } from 'react';

import { MonitorState } from '@/gen/openseer/v1/monitor_service_pb';
import { stateWords } from '@/shared/format/words';

import { DegradedIcon, DownIcon, NoDataIcon, PausedIcon, PendingIcon, UpIcon } from './icons';

interface Look {
  color: string;
  Icon: ComponentType<{ className?: string }>;
}

const looks: Readonly<Record<MonitorState, Look>> = {
  [MonitorState.UNSPECIFIED]: { color: 'text-idle', Icon: NoDataIcon },
  [MonitorState.PENDING]: { color: 'text-pending', Icon: PendingIcon },
  [MonitorState.UP]: { color: 'text-up', Icon: UpIcon },
  [MonitorState.DEGRADED]: { color: 'text-degraded', Icon: DegradedIcon },
  [MonitorState.DOWN]: { color: 'text-down', Icon: DownIcon },
  [MonitorState.NO_DATA]: { color: 'text-idle', Icon: NoDataIcon },
  [MonitorState.PAUSED]: { color: 'text-idle', Icon: PausedIcon },
};

export function StateIcon({ state, className = 'size-4' }: { state: MonitorState; className?: string }) {
  const { color, Icon } = looks[state];
  return <Icon className={`${color} ${className}`} />;
}

// Colour, shape and word say the same thing.
export function StateBadge({ state }: { state: MonitorState }) {
  const { color, Icon } = looks[state];
  return (
    <span className={`inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-sm font-medium whitespace-nowrap tinted ${color}`}>
      <Icon className="size-3.5" />
      {stateWords(state)}
    </span>
  );
}

// The same without a frame, for dense tables.
export function StateText({ state }: { state: MonitorState }) {
  const { color, Icon } = looks[state];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${color}`}>
      <Icon className="size-4" />
      {stateWords(state)}
    </span>
  );
}
