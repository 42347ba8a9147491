import { createContext, Fragment, type ReactNode, use, useCallback, useEffect, useState } from 'react';

import { type Language, language, preferredLanguage, rememberLanguage, speak } from '@/strings';

const Choose = createContext<(language: Language) => void>(() => undefined);

// Speaks the viewer's language. A change renders everything below it anew.
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [spoken, setSpoken] = useState<Language>('en');
  const change = useCallback((wanted: Language) => {
    if (wanted !== language()) void speak(wanted).then(() => setSpoken(wanted));
  }, []);
  useEffect(() => change(preferredLanguage()), [change]);
  const choose = useCallback(
    (wanted: Language) => {
      rememberLanguage(wanted);
      change(wanted);
    },
    [change],
  );
  return (
    <Choose value={choose}>
      <Fragment key={spoken}>{children}</Fragment>
    </Choose>
  );
}

export function useChooseLanguage(): (language: Language) => void {
  return use(Choose);
}
