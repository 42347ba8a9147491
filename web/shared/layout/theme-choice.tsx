import type { ComponentType } from 'react';

import { MoonIcon, ScreenIcon, SunIcon } from '@/components/ui/icons';
import { setTheme, type Theme, themes, useTheme } from '@/shared/preferences/theme';
import { t } from '@/strings';

const icons: Readonly<Record<Theme, ComponentType<{ className?: string }>>> = { system: ScreenIcon, light: SunIcon, dark: MoonIcon };

export function ThemeChoice() {
  const theme = useTheme();
  return (
    <div role="group" aria-label={t().theme.label} className="flex rounded-lg border border-line bg-sunken p-0.5">
      {themes.map((name) => {
        const Icon = icons[name];
        return (
          <button
            key={name}
            type="button"
            aria-pressed={theme === name}
            aria-label={t().theme[name]}
            title={t().theme[name]}
            onClick={() => setTheme(name)}
            className="flex size-6 items-center justify-center rounded-md text-muted hover:text-ink aria-pressed:bg-surface aria-pressed:text-ink aria-pressed:shadow-sm pointer-coarse:size-10"
          >
            <Icon className="size-3.5" />
          </button>
        );
      })}
    </div>
  );
}
