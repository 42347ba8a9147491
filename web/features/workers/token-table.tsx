import { Button } from '@/components/ui/button';
import { cell, headCell, Table } from '@/components/ui/table';
import { Time } from '@/components/ui/time';
import type { EnrollmentToken } from '@/gen/openseer/v1/worker_service_pb';
import { t } from '@/strings';

interface TokenTableProps {
  tokens: EnrollmentToken[];
  onRevoke: (token: EnrollmentToken) => void;
}

export function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  const s = t().workers;
  return (
    <Table label={s.tokens}>
      <thead>
        <tr>
          <th className={headCell}>{t().monitors.region}</th>
          <th className={headCell}>{s.left}</th>
          <th className={headCell}>{s.expires}</th>
          <th className={headCell}>
            <span className="sr-only">{s.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id} className="border-t border-line">
            <td className={`${cell} break-all`}>{token.region}</td>
            <td className={cell}>{s.uses(token.usesLeft)}</td>
            <td className={cell}>
              <Time time={token.expiresAt} />
            </td>
            <td className={`${cell} text-right`}>
              <Button size="sm" look="quiet" onClick={() => onRevoke(token)} aria-label={s.revokeTokenOf(token.region)}>
                {s.revoke}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
