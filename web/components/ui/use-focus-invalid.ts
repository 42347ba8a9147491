import { type RefObject, useEffect, useRef } from 'react';

import type { Refusal } from '@/shared/api/errors';

// The ref of a form whose first wrong field gets the focus, and so is scrolled
// into view, whenever `refusal` is another one.
export function useFocusInvalid(refusal: Refusal): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusal]);
  return form;
}
