import Link from 'next/link';
import type { ButtonHTMLAttributes, ReactNode } from 'react';

type Look = 'primary' | 'plain' | 'caution' | 'danger' | 'quiet';

const shape =
  'inline-flex min-h-10 items-center justify-center gap-1.5 rounded-lg px-3.5 py-1.5 font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-60';

const looks: Readonly<Record<Look, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent/90',
  plain: 'border border-line-strong/60 bg-surface text-ink hover:bg-sunken',
  caution: 'border border-line-strong/60 bg-surface text-down hover:bg-sunken',
  danger: 'bg-down text-on-accent hover:bg-down/90',
  quiet: 'text-muted hover:bg-sunken hover:text-ink',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  // The call that this button started has not been answered yet.
  busy?: boolean;
}

export function Button({ look = 'plain', busy = false, type = 'button', className = '', disabled, ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`${shape} ${looks[look]} ${className}`}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    />
  );
}

export function ButtonLink({ look = 'plain', href, children }: { look?: Look; href: string; children: ReactNode }) {
  return (
    <Link href={href} className={`${shape} ${looks[look]}`}>
      {children}
    </Link>
  );
}
