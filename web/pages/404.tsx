import { PlainPage } from '@/shared/layout/plain-page';
import { ButtonLink } from '@/shared/ui/button';

export default function NotFoundPage() {
  return (
    <PlainPage title="Page not found">
      <h1 className="text-xl font-semibold">Page not found</h1>
      <p className="mt-2 mb-5 text-muted">There is nothing at this address. It may have been deleted, or the link is mistyped.</p>
      <ButtonLink href="/" look="primary">
        Go to the monitors
      </ButtonLink>
    </PlainPage>
  );
}
