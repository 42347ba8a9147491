import type { EnrollmentToken } from '@/gen/openseer/v1/worker_service_pb';
import { plural } from '@/shared/format/number';
import { formatMoment } from '@/shared/format/time';
import { Button } from '@/shared/ui/button';
import { cell, headCell, Table } from '@/shared/ui/table';

interface TokenTableProps {
  tokens: EnrollmentToken[];
  onRevoke: (token: EnrollmentToken) => void;
}

export function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  return (
    <Table label="Open enrolment tokens">
      <thead>
        <tr>
          <th className={headCell}>Region</th>
          <th className={headCell}>Left</th>
          <th className={headCell}>Expires</th>
          <th className={headCell}>
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id} className="border-t border-line">
            <td className={`${cell} break-all`}>{token.region}</td>
            <td className={cell}>{plural(token.usesLeft, 'use')}</td>
            <td className={cell}>{formatMoment(token.expiresAt)}</td>
            <td className={`${cell} text-right`}>
              <Button look="quiet" onClick={() => onRevoke(token)} aria-label={`Revoke the token for ${token.region}`}>
                Revoke
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
