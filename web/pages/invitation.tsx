import { Invitation } from '@/features/auth/invitation';
import { PlainPage } from '@/shared/layout/plain-page';
import { t } from '@/strings';

export default function InvitationRoute() {
  return (
    <PlainPage title={t().invitation.what}>
      <Invitation />
    </PlainPage>
  );
}
