import { ButtonLink } from '@/components/ui/button';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function NotFoundPage() {
  const s = t().notFound;
  return (
    <PlainPage title={s.title}>
      <h1 className="text-lg font-semibold tracking-tight">{s.title}</h1>
      <p className="mt-2 mb-5 text-muted">{s.note}</p>
      <ButtonLink href="/" look="primary">
        {s.home}
      </ButtonLink>
    </PlainPage>
  );
}
