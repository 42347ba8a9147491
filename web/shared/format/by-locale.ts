import { locale } from '@/strings/locale';

// Formatters are slow to make and depend on the locale: made once for each.
export function byLocale<Formatter>(make: (locale: string) => Formatter): () => Formatter {
  const made = new Map<string, Formatter>();
  return () => {
    const tag = locale();
    let formatter = made.get(tag);
    if (formatter === undefined) made.set(tag, (formatter = make(tag)));
    return formatter;
  };
}
