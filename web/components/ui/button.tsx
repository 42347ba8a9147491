import Link from 'next/link';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

export type Look = 'primary' | 'plain' | 'caution' | 'danger' | 'quiet';
export type Size = 'md' | 'sm';

const shape =
  'inline-flex items-center justify-center gap-1.5 rounded-[0.4375rem] font-medium whitespace-nowrap transition-colors select-none disabled:cursor-not-allowed disabled:opacity-55 pointer-coarse:min-h-11';

const sizes: Readonly<Record<Size, string>> = {
  md: 'min-h-9 px-3 py-1.5',
  sm: 'min-h-7 px-2 py-0.5 text-sm',
};

const looks: Readonly<Record<Look, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent/90',
  plain: 'border border-line bg-surface text-ink shadow-xs hover:bg-hover hover:border-line-strong',
  caution: 'border border-line bg-surface text-down shadow-xs hover:bg-hover hover:border-down',
  danger: 'bg-down text-on-accent hover:bg-down/90',
  quiet: 'text-muted hover:bg-sunken hover:text-ink',
};

export function buttonClass(look: Look = 'plain', size: Size = 'md'): string {
  return `${shape} ${sizes[size]} ${looks[look]}`;
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: Size;
  // The call that this button started has not been answered yet.
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', size = 'md', busy = false, type = 'button', className = '', disabled, children, ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`${buttonClass(look, size)} ${className}`}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function ButtonLink({ look = 'plain', size = 'md', href, children }: { look?: Look; size?: Size; href: string; children: ReactNode }) {
  return (
    <Link href={href} className={buttonClass(look, size)}>
      {children}
    </Link>
  );
}

interface IconButtonProps extends ButtonProps {
  // What it does, for those who do not see the icon.
  label: string;
}

export function IconButton({ label, look = 'quiet', className = '', ...rest }: IconButtonProps) {
  return <Button look={look} aria-label={label} title={label} className={`aspect-square !px-0 ${className}`} {...rest} />;
}

function Spinner() {
  return <span className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent" aria-hidden="true" />;
}
