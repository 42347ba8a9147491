let tag = 'en';

// For numbers and dates: the viewer's own variant of the language spoken.
export function locale(): string {
  return tag;
}

export function setLocale(spoken: string): void {
  tag = spoken;
}
