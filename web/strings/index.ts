import { en } from './en';
import { setLocale } from './locale';

// The one catalogue of everything a page says. English is part of the first
// load; another language is fetched when it is spoken.
export type Strings = typeof en;

export const languages = [
  { value: 'en', text: 'English' },
  { value: 'de', text: 'Deutsch' },
] as const;
export type Language = (typeof languages)[number]['value'];

const stored = 'openseer-language';

let strings: Strings = en;
let spoken: Language = 'en';

// The strings of the language spoken now. The whole page is rendered anew when
// it changes, so nothing needs to subscribe.
export function t(): Strings {
  return strings;
}

export function language(): Language {
  return spoken;
}

// What was chosen here before, or else the browser's first language we know.
export function preferredLanguage(): Language {
  const known = (tag: string | null) => languages.find(({ value }) => tag === value || tag?.startsWith(`${value}-`) === true)?.value;
  return known(localStorage.getItem(stored)) ?? navigator.languages.map(known).find((value) => value !== undefined) ?? 'en';
}

function variantOf(wanted: Language): string {
  return navigator.languages.find((tag) => tag === wanted || tag.startsWith(`${wanted}-`)) ?? wanted;
}

// English is spoken from the start: as the viewer writes it, in a browser.
if (typeof window !== 'undefined') setLocale(variantOf('en'));

export async function speak(wanted: Language): Promise<void> {
  strings = wanted === 'de' ? (await import('./de')).de : en;
  spoken = wanted;
  setLocale(variantOf(wanted));
  document.documentElement.lang = wanted;
}

export function rememberLanguage(wanted: Language): void {
  localStorage.setItem(stored, wanted);
}
