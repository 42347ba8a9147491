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

export function Logo({ className = 'size-7' }: IconProps) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 ${className}`} fill="none" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2457d6" />
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
