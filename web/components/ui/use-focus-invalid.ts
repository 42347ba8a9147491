import { type RefObject, useEffect, useRef } from 'react';

import type { Refusal } from '@/shared/api/errors';

// The ref of a form whose first wrong field gets the focus, and so is scrolled
// into view, whenever `refusal` is another one that names fields.
export function useFocusInvalid(refusal: Refusal): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (Object.keys(refusal.fields).length === 0) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    const folded = wrong?.closest('details');
    if (folded !== null && folded !== undefined) folded.open = true;
    wrong?.focus();
  }, [refusal]);
  return form;
}
