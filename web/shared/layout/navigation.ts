import type { ComponentType } from 'react';

import { MonitorsIcon, OverviewIcon, SettingsIcon, WorkersIcon } from '@/components/ui/icons';
import { t } from '@/strings';

export interface Destination {
  href: string;
  text: string;
  Icon: ComponentType<{ className?: string }>;
  // The second key after "g".
  key: string;
  // Pages below it belong to it.
  under: string;
}

export function destinations(instanceOwner: boolean): Destination[] {
  const s = t().nav;
  return [
    { href: '/', text: s.overview, Icon: OverviewIcon, key: 'o', under: '' },
    { href: '/monitors', text: s.monitors, Icon: MonitorsIcon, key: 'm', under: '/monitors' },
    ...(instanceOwner ? [{ href: '/workers', text: s.workers, Icon: WorkersIcon, key: 'w', under: '/workers' }] : []),
    { href: '/settings', text: s.settings, Icon: SettingsIcon, key: 's', under: '/settings' },
  ];
}

export function isCurrent(destination: Destination, pathname: string): boolean {
  return pathname === destination.href || (destination.under !== '' && pathname.startsWith(destination.under));
}
