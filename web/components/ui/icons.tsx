import type { ReactNode } from 'react';

interface IconProps {
  className?: string;
}

// Icons stand beside words, so readers of the page's text skip them.
function Icon({ className = 'size-4', children }: IconProps & { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 16 16"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function UpIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="m5.2 8.2 2 2 3.7-4.2" />
    </Icon>
  );
}

export function DegradedIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M8 1.8 15 14H1L8 1.8Z" />
      <path d="M8 6.5v3.2M8 11.8v.01" />
    </Icon>
  );
}

export function DownIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M5.3 1.6h5.4l3.7 3.7v5.4l-3.7 3.7H5.3l-3.7-3.7V5.3l3.7-3.7Z" />
      <path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6" />
    </Icon>
  );
}

export function NoDataIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="8" cy="8" r="6.4" strokeDasharray="2.4 2.6" />
      <path d="M5.5 8h5" />
    </Icon>
  );
}

export function PendingIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="M8 4.5V8l2.3 1.6" />
    </Icon>
  );
}

export function PausedIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="M6.3 5.7v4.6M9.7 5.7v4.6" />
    </Icon>
  );
}

export function PlusIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M8 3v10M3 8h10" />
    </Icon>
  );
}

export function InfoIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="8" cy="8" r="6.4" />
      <path d="M8 7.3v3.5M8 5v.01" />
    </Icon>
  );
}

export function OutsideIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M6.5 3.5h-3v9h9v-3M9.5 2.5h4v4M13.2 2.8 7.5 8.5" />
    </Icon>
  );
}

export function CloseIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m4 4 8 8m0-8-8 8" />
    </Icon>
  );
}

function icon(path: string) {
  return function Drawn(props: IconProps) {
    return (
      <Icon {...props}>
        <path d={path} />
      </Icon>
    );
  };
}

export const OverviewIcon = icon('M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8.5h4.5v5H9zM2.5 11h4.5v2.5H2.5z');
export const MonitorsIcon = icon('M1.5 8.5h3l2-5 3 9 2-4h3');
export const WorkersIcon = icon('M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.75h.01M5 11.25h.01');
export const SettingsIcon = icon('M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.75 2.75v3.5M5.25 9.75v3.5');
export const SearchIcon = icon('M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.8 10.8 14 14');
export const KeyboardIcon = icon('M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6');
export const SignOutIcon = icon('M6.5 2.5h-3v11h3M10 5l3 3-3 3M13 8H6.5');
export const MoreIcon = icon('M3.5 8h.01M8 8h.01M12.5 8h.01');
export const PlayIcon = icon('M4.5 3v10l8-5z');
export const PauseIcon = icon('M5.5 3.5v9M10.5 3.5v9');
export const EditIcon = icon('m10.5 3 2.5 2.5L5.5 13H3v-2.5z');
export const CopyIcon = icon('M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3');
export const DeleteIcon = icon('M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9');
export const TagIcon = icon('M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01');
export const ListIcon = icon('M2.5 4h11M2.5 8h11M2.5 12h11');
export const GridIcon = icon('M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z');
export const SunIcon = icon('M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7');
export const MoonIcon = icon('M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z');
export const ScreenIcon = icon('M1.5 3h13v8h-13zM5.5 13.5h5M8 11v2.5');
export const ChevronDownIcon = icon('m4 6 4 4 4-4');
export const ChevronRightIcon = icon('m6 4 4 4-4 4');
export const ChevronUpIcon = icon('m4 10 4-4 4 4');
export const LockIcon = icon('M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2');
export const UserIcon = icon('M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.5 13.8c.8-2.4 2.8-3.6 5.5-3.6s4.7 1.2 5.5 3.6');

export function Logo({ className = 'size-7' }: IconProps) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 ${className}`} fill="none" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3b4fd8" />
      <path
        d="M4 16c3.2-5.4 7.2-8 12-8s8.8 2.6 12 8c-3.2 5.4-7.2 8-12 8S7.2 21.4 4 16Z"
        stroke="#fff"
        strokeWidth="2.2"
        strokeLinejoin="round"
      />
      <path
        d="M9.5 16.5h3l2-4.5 3 8 2-3.5h3"
        stroke="#fff"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
