import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';

import { t } from '@/strings';

import { IconButton } from './button';
import { CloseIcon } from './icons';

interface DialogProps {
  title: string;
  // Beside or below the title; read with it.
  description?: ReactNode;
  // In the middle, or a sheet along the right edge (the bottom on a phone).
  place?: 'middle' | 'edge';
  wide?: boolean;
  children: ReactNode;
  onClose: () => void;
}

// Rendered only while it is open. Keeps the focus inside, closes on Escape and
// gives the focus back.
export function Dialog({ title, description, place = 'middle', wide = false, children, onClose }: DialogProps) {
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        {/* Radix's own overlay writes a style sheet into the page, which the policy refuses. */}
        <div className="fixed inset-0 z-40 animate-fade bg-black/45" aria-hidden="true" />
        <Radix.Content
          className={`fixed z-50 flex flex-col outline-none floating ${
            place === 'middle'
              ? `top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] -translate-x-1/2 -translate-y-1/2 animate-fade ${wide ? 'max-w-3xl' : 'max-w-md'}`
              : 'inset-x-0 bottom-0 max-h-[92dvh] animate-slide rounded-b-none sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:w-[min(46rem,92vw)] sm:rounded-none sm:border-y-0 sm:border-r-0'
          }`}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className="flex items-start justify-between gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0">
              <Radix.Title className="text-[1.0625rem] leading-6 font-semibold break-words">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description asChild>
                  <div className="mt-1 text-muted">{description}</div>
                </Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t().ui.close} size="sm">
                <CloseIcon />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
