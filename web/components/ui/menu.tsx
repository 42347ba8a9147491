import * as Radix from '@radix-ui/react-dropdown-menu';
import type { ReactElement, ReactNode } from 'react';

interface MenuProps {
  trigger: ReactElement;
  align?: 'start' | 'end';
  children: ReactNode;
}

export function Menu({ trigger, align = 'end', children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={6} collisionPadding={8} className="z-50 min-w-44 animate-pop p-1 floating">
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const item =
  'flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 outline-none select-none data-disabled:cursor-default data-disabled:opacity-55 data-highlighted:bg-sunken pointer-coarse:min-h-11';

interface MenuItemProps {
  icon?: ReactNode;
  caution?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, caution = false, disabled = false, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item className={`${item} ${caution ? 'text-down' : ''}`} disabled={disabled} onSelect={onSelect}>
      <span className={`flex size-4 ${caution ? '' : 'text-muted'}`}>{icon}</span>
      {children}
    </Radix.Item>
  );
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
